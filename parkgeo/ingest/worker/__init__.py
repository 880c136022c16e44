"""Files that nobody vouches for are opened in a process of their own.

A file may be made to crash its reader, to fill memory, to read other files or to call addresses. So the parent never opens
it: it copies the file and its expected companions, read-only, into a fresh folder; a child that is held by what the system
offers reads the copy and writes what it found as Arrow and JSON; the parent reads that. Nothing is unpickled.

    crew.py      the parent's side: children, jobs, deadlines
    copies.py    the read-only copies, hashed while they are made
    child.py     the child's side: holds itself, then reads what it is told
    holds.py     which limits there are and who applies them
    linux.py, windows.py, macos.py   what each system offers
    wire.py      RawTable ↔ files
"""

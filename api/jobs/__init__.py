"""What is worked on for a client: uploads that become snapshots, scenarios. Each in a process of its own, told step by step."""

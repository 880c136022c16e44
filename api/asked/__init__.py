"""What a request asks: who asks, of which snapshot, for which rows, in which form."""

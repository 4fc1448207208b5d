"""The conversation: one message in, one reply out; what is stored; the service; the command line."""

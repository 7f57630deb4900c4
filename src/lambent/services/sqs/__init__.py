"""SQS: queues and what lies in them, standard and FIFO, on the store.

A message is a row. What was acknowledged is committed; what is taken comes back when its visibility lapses, whatever
became of the server meanwhile. Nothing here polls: waits end by signals of the store and by timers.

May import delivery, store, clock and below.
"""

// Nothing to be called: to be linked is enough.

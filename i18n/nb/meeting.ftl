# The room: waiting, the talk, the lock. Holes only, no selectors: the page fills them in.
meeting-title = Samrom

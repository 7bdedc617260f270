// Loaded before a child's own module: a child whose parent is gone ends, however that went, and whatever it has open.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))

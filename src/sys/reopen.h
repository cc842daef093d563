/*
 * Open what a descriptor stands for once more, through /proc: a description of our own of the same
 * pipe or terminal, non-blocking without changing a flag that others share. DIRECTION is O_RDONLY
 * or O_WRONLY. The descriptor, or -1 and errno.
 */
#ifndef SLABCAT_REOPEN_H
#define SLABCAT_REOPEN_H

int fd_reopen(int fd, int direction);

#endif

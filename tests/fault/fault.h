/*
 * What the shim and those who steer it agree on. fault.so is loaded with LD_PRELOAD and makes one
 * call of the program fail, chosen by the environment:
 *
 *     FAULT_CALL=KIND   which calls: a name of the list below
 *     FAULT_HOW=HOW     an errno (EIO), or EAI_... of getaddrinfo; for what moves bytes also short,
 *                       half as many, and one, a single byte; for clock forth or back: a day's step
 *     FAULT_AT=N        the Nth of these calls, counted over all threads; or
 *     FAULT_FROM=N      the Nth and all behind it
 *     FAULT_FD=FD       only calls that use this descriptor, which are counted by themselves
 *     FAULT_IN=NAME     only in the program of this name; others pass everything on to theirs
 *     FAULT_LOG=FILE    gets a line when the Nth call has come, as in "write 3 1 EIO
 *                       /dev/null" or "splice 1 0,5 short pipe:[7]" or "open 2 -1 ENOENT /etc/motd"
 *     FAULT_COUNTS=FILE an array of 64-bit numbers, how many calls of each kind there were
 *
 * A call that fails has done nothing, but for close, which closes. What cannot be understood ends
 * the program with FAULT_WRONG. The shim takes itself and its variables out of the environment, so
 * that whatever the program starts is left alone.
 */
#ifndef SLABCAT_FAULT_H
#define SLABCAT_FAULT_H

enum { FAULT_WRONG = 99 };

/*
 * event_read and event_write are those of eventfds and signalfds, which know no parts and few
 * errors.
 * Several calls that are one thing to whoever uses them are one kind; 64 is left out of names.
 * The first ones, up to copy_file_range, move bytes.
 */
#define FAULT_KINDS(KIND)                                                                          \
    KIND(read)                                                                                     \
    KIND(readv)                                                                                    \
    KIND(pread)                                                                                    \
    KIND(preadv2)                                                                                  \
    KIND(recv)                                                                                     \
    KIND(write)                                                                                    \
    KIND(writev)                                                                                   \
    KIND(pwrite)                                                                                   \
    KIND(pwritev2)                                                                                 \
    KIND(sendmsg)                                                                                  \
    KIND(splice)                                                                                   \
    KIND(tee)                                                                                      \
    KIND(sendfile)                                                                                 \
    KIND(copy_file_range)                                                                          \
    KIND(event_read)                                                                               \
    KIND(event_write)                                                                              \
    KIND(pipe2)                                                                                    \
    KIND(fcntl)                                                                                    \
    KIND(ioctl)                                                                                    \
    KIND(open)                                                                                     \
    KIND(openat)                                                                                   \
    KIND(mkostemp)                                                                                 \
    KIND(fopen)                                                                                    \
    KIND(fclose)                                                                                   \
    KIND(open_memstream)                                                                           \
    KIND(fdopendir)                                                                                \
    KIND(readdir)                                                                                  \
    KIND(close)                                                                                    \
    KIND(dup2)                                                                                     \
    KIND(fsync)                                                                                    \
    KIND(fdatasync)                                                                                \
    KIND(syncfs)                                                                                   \
    KIND(ftruncate)                                                                                \
    KIND(fallocate)                                                                                \
    KIND(lseek)                                                                                    \
    KIND(stat)                                                                                     \
    KIND(fstat)                                                                                    \
    KIND(fchmod)                                                                                   \
    KIND(fchown)                                                                                   \
    KIND(futimens)                                                                                 \
    KIND(rename)                                                                                   \
    KIND(renameat2)                                                                                \
    KIND(linkat)                                                                                   \
    KIND(unlink)                                                                                   \
    KIND(realpath)                                                                                 \
    KIND(flock)                                                                                    \
    KIND(socket)                                                                                   \
    KIND(connect)                                                                                  \
    KIND(shutdown)                                                                                 \
    KIND(getsockopt)                                                                               \
    KIND(setsockopt)                                                                               \
    KIND(getsockname)                                                                              \
    KIND(getpeername)                                                                              \
    KIND(getaddrinfo)                                                                              \
    KIND(poll)                                                                                     \
    KIND(ppoll)                                                                                    \
    KIND(eventfd)                                                                                  \
    KIND(signalfd)                                                                                 \
    KIND(sigtimedwait)                                                                             \
    KIND(sigmask)                                                                                  \
    KIND(mmap)                                                                                     \
    KIND(madvise)                                                                                  \
    KIND(malloc)                                                                                   \
    KIND(pthread_create)                                                                           \
    KIND(pthread_mutex_init)                                                                       \
    KIND(posix_spawn)                                                                              \
    KIND(waitpid)                                                                                  \
    KIND(kill)                                                                                     \
    KIND(prctl)                                                                                    \
    KIND(getrlimit)                                                                                \
    KIND(getrusage)                                                                                \
    KIND(dlopen)                                                                                   \
    KIND(syscall)                                                                                  \
    KIND(clock)

#define FAULT_ENUM(name) FAULT_##name,
enum fault_kind { FAULT_KINDS(FAULT_ENUM) FAULT_KIND_COUNT };

/* Its name, as in FAULT_CALL. */
#define FAULT_NAME(name) #name,
#define FAULT_NAMES                                                                                \
    {                                                                                              \
        FAULT_KINDS(FAULT_NAME)                                                                    \
    }

#endif

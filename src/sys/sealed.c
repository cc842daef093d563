#include "sys/sealed.h"

#include <string.h>
#include <sys/mman.h>

void *sealed_make(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (madvise(memory, size, MADV_DONTDUMP) == 0)
        return memory;
    munmap(memory, size);
    return NULL;
}

void sealed_free(void *memory, size_t size)
{
    if (!memory)
        return;
    sealed_wipe(memory, size);
    munmap(memory, size);
}

void sealed_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

// The guest's allocator and its block operations. All words are aligned: the machine has no misaligned accesses.
//
// Allocator: blocks of multiples of 16 bytes up to 1 KiB, then of powers of two, each size with a list of freed blocks, so that
// memory is used again and a proof touches few pages. The word before a block holds its class.
#include "runtime.h"

extern uint8_t __heap_start[], __heap_end[];

enum { SMALL_CLASSES = 64, CLASSES = SMALL_CLASSES + 33, HEADER = 4 };

static void *free_blocks[CLASSES];
static uintptr_t heap_next;

// The class of a request, and the bytes its blocks take, the header included.
static uint32_t class_of(uint32_t total, uint32_t *bytes) {
    uint32_t units = (total + 15) >> 4;
    if (units <= SMALL_CLASSES) {
        *bytes = units << 4;
        return units - 1;
    }
    uint32_t bits = 32 - (uint32_t)__builtin_clz(total - 1);
    *bytes = (uint32_t)1 << bits;
    return SMALL_CLASSES + bits;
}

void *guest_allocate(uint32_t size) {
    // Nothing that large is in memory; without this the sum could wrap.
    if (size > 0x10000000) guest_halt(200);
    uint32_t bytes;
    uint32_t kind = class_of(size + HEADER, &bytes);
    void *block = free_blocks[kind];
    if (block) {
        free_blocks[kind] = *(void **)block;
        return block;
    }
    if (!heap_next) heap_next = (uintptr_t)__heap_start + 16;
    if ((uintptr_t)__heap_end - heap_next < bytes) guest_halt(201);
    block = (void *)heap_next;
    heap_next += bytes;
    ((uint32_t *)block)[-1] = kind;
    return block;
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    if (alignment > 16) guest_halt(202);
    *out = guest_allocate((uint32_t)size);
    return 0;
}

void free(void *block) {
    if (!block) return;
    uint32_t kind = ((uint32_t *)block)[-1];
    *(void **)block = free_blocks[kind];
    free_blocks[kind] = block;
}

// Seeds of hash tables: constant, for every execution must be the same. No result depends on a table's order.
void arc4random_buf(void *target, size_t count) {
    for (size_t index = 0; index < count; index++) ((uint8_t *)target)[index] = 0x5a;
}

int putchar(int value) { return value; }

// MARK: - Block operations

static void copy_words(uint32_t *d, const uint32_t *s, size_t words) {
    while (words >= 8) {
        uint32_t a = s[0], b = s[1], c = s[2], e = s[3], f = s[4], g = s[5], h = s[6], i = s[7];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e, d[4] = f, d[5] = g, d[6] = h, d[7] = i;
        d += 8, s += 8, words -= 8;
    }
    while (words--) *d++ = *s++;
}

// `d` is aligned, `s` is not: each word from the two around it.
static void copy_shifted(uint32_t *d, const uint8_t *s, size_t words) {
    uint32_t right = ((uintptr_t)s & 3) * 8, left = 32 - right;
    const uint32_t *from = (const uint32_t *)((uintptr_t)s & ~(uintptr_t)3);
    uint32_t low = *from++;
    while (words--) {
        uint32_t high = *from++;
        *d++ = low >> right | high << left;
        low = high;
    }
}

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
    uint8_t *d = target;
    const uint8_t *s = source;
    if (count >= 16) {
        while ((uintptr_t)d & 3) *d++ = *s++, count--;
        size_t words = count >> 2;
        if (((uintptr_t)s & 3) == 0) copy_words((uint32_t *)d, (const uint32_t *)s, words);
        else copy_shifted((uint32_t *)d, s, words);
        d += words * 4, s += words * 4, count &= 3;
    } else if ((((uintptr_t)d | (uintptr_t)s) & 3) == 0) {
        while (count >= 4) {
            *(uint32_t *)d = *(const uint32_t *)s;
            d += 4, s += 4, count -= 4;
        }
    }
    while (count--) *d++ = *s++;
    return target;
}

void *memmove(void *target, const void *source, size_t count) {
    uint8_t *d = target;
    const uint8_t *s = source;
    if ((uintptr_t)d - (uintptr_t)s >= count) return memcpy(target, source, count);
    // Backwards.
    d += count, s += count;
    if ((((uintptr_t)d ^ (uintptr_t)s) & 3) == 0) {
        while (((uintptr_t)d & 3) && count) *--d = *--s, count--;
        while (count >= 4) {
            d -= 4, s -= 4, count -= 4;
            *(uint32_t *)d = *(const uint32_t *)s;
        }
    }
    while (count--) *--d = *--s;
    return target;
}

void *memset(void *target, int value, size_t count) {
    uint8_t *d = target;
    uint32_t word = (uint8_t)value * 0x01010101u;
    if (count >= 8) {
        while ((uintptr_t)d & 3) *d++ = (uint8_t)value, count--;
        while (count >= 32) {
            uint32_t *w = (uint32_t *)d;
            w[0] = word, w[1] = word, w[2] = word, w[3] = word, w[4] = word, w[5] = word, w[6] = word, w[7] = word;
            d += 32, count -= 32;
        }
        while (count >= 4) *(uint32_t *)d = word, d += 4, count -= 4;
    }
    while (count--) *d++ = (uint8_t)value;
    return target;
}

int memcmp(const void *a, const void *b, size_t count) {
    const uint8_t *x = a, *y = b;
    for (size_t index = 0; index < count; index++)
        if (x[index] != y[index]) return (int)x[index] - (int)y[index];
    return 0;
}

// 64-bit division, which riscv32 has no instruction for; compilers call these by name.
#include <stdint.h>

// The quotient of two words by one; `high` is below `divisor`. Knuth's algorithm D in digits of 16 bits.
static uint32_t divide_two_by_one(uint32_t high, uint32_t low, uint32_t divisor, uint32_t *remainder) {
    uint32_t shift = (uint32_t)__builtin_clz(divisor);
    if (shift) {
        high = high << shift | low >> (32 - shift);
        low <<= shift;
        divisor <<= shift;
    }
    uint32_t top = divisor >> 16, bottom = divisor & 0xffff;
    uint32_t quotient = 0;
    for (int digit = 0; digit < 2; digit++) {
        uint32_t next = digit == 0 ? low >> 16 : low & 0xffff;
        uint32_t q = high / top, rest = high % top;
        while (q > 0xffff || q * bottom > (rest << 16 | next)) {
            q--;
            rest += top;
            if (rest > 0xffff) break;
        }
        high = (high << 16 | next) - q * divisor;
        quotient = quotient << 16 | q;
    }
    *remainder = high >> shift;
    return quotient;
}

static uint64_t divide(uint64_t a, uint64_t b, uint64_t *remainder) {
    uint32_t b1 = (uint32_t)(b >> 32), b0 = (uint32_t)b;
    uint32_t a1 = (uint32_t)(a >> 32), a0 = (uint32_t)a;
    if (b > a) {
        *remainder = a;
        return 0;
    }
    if (b1 == 0) {
        if (b0 == 0) __builtin_trap();
        if (a1 == 0) {
            *remainder = a0 % b0;
            return a0 / b0;
        }
        uint32_t rest = a1 % b0, last;
        uint32_t low = divide_two_by_one(rest, a0, b0, &last);
        *remainder = last;
        return (uint64_t)(a1 / b0) << 32 | low;
    }
    // The quotient fits one word: estimate it by the leading word of the divisor, at most two too great.
    uint32_t shift = (uint32_t)__builtin_clz(b1);
    uint64_t divisor = b << shift;
    uint32_t ignored;
    uint64_t dividend = a >> 1;
    uint32_t q = divide_two_by_one((uint32_t)(dividend >> 32), (uint32_t)dividend, (uint32_t)(divisor >> 32), &ignored);
    q = shift == 31 ? q : q >> (31 - shift);
    if (q) q--;
    uint64_t rest = a - b * q;
    while (rest >= b) rest -= b, q++;
    *remainder = rest;
    return q;
}

uint64_t __udivdi3(uint64_t a, uint64_t b) {
    uint64_t remainder;
    return divide(a, b, &remainder);
}

uint64_t __umoddi3(uint64_t a, uint64_t b) {
    uint64_t remainder;
    divide(a, b, &remainder);
    return remainder;
}

int64_t __divdi3(int64_t a, int64_t b) {
    uint64_t remainder;
    uint64_t q = divide(a < 0 ? -(uint64_t)a : (uint64_t)a, b < 0 ? -(uint64_t)b : (uint64_t)b, &remainder);
    return (int64_t)((a < 0) != (b < 0) ? -q : q);
}

int64_t __moddi3(int64_t a, int64_t b) {
    uint64_t remainder;
    divide(a < 0 ? -(uint64_t)a : (uint64_t)a, b < 0 ? -(uint64_t)b : (uint64_t)b, &remainder);
    return (int64_t)(a < 0 ? -remainder : remainder);
}

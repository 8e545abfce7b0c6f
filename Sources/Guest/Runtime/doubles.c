// The few operations on doubles by which the standard library computes the capacity of a hash table; riscv32im has none.
// Exact for the integers below 2^31 and the simple fractions that occur there; results are truncated, not rounded. No NaN, no
// infinity, no denormal number occurs.
#include <stdint.h>

typedef union { double value; uint64_t bits; } bits64;

static double make(uint32_t negative, int exponent, uint64_t mantissa) {
    // `mantissa` times 2^exponent.
    bits64 result = {.bits = 0};
    if (mantissa) {
        int shift = __builtin_clzll(mantissa) - 11;
        mantissa = shift >= 0 ? mantissa << shift : mantissa >> -shift;
        result.bits = (uint64_t)(exponent - shift + 1075) << 52 | (mantissa & 0xfffffffffffffull);
    }
    result.bits |= (uint64_t)negative << 63;
    return result.value;
}

static uint32_t sign(double a) { return (uint32_t)(((bits64){.value = a}).bits >> 63); }
static int exponent(double a) { return (int)(((bits64){.value = a}).bits >> 52 & 2047) - 1075; }
static uint64_t mantissa(double a) {
    uint64_t bits = ((bits64){.value = a}).bits;
    return bits << 1 ? (bits & 0xfffffffffffffull) | 1ull << 52 : 0;
}

double __floatunsidf(uint32_t a) { return make(0, 0, a); }
double __floatsidf(int32_t a) { return make(a < 0, 0, a < 0 ? -(uint32_t)a : (uint32_t)a); }

double __muldf3(double a, double b) {
    // The upper 32 bits of each mantissa would lose precision: split one of them.
    uint64_t x = mantissa(a), y = mantissa(b);
    uint64_t high = (x >> 27) * (y >> 27), middle = (x >> 27) * (y & 0x7ffffff) + (x & 0x7ffffff) * (y >> 27);
    return make(sign(a) ^ sign(b), exponent(a) + exponent(b) + 54, high + (middle >> 27));
}

double __divdf3(double a, double b) {
    uint64_t x = mantissa(a), y = mantissa(b), quotient = 0;
    if (!y) __builtin_trap();
    for (int bit = 0; bit < 56; bit++) {
        quotient <<= 1;
        if (x >= y) x -= y, quotient |= 1;
        x <<= 1;
    }
    return make(sign(a) ^ sign(b), exponent(a) - exponent(b) - 55, quotient);
}

uint32_t __fixunsdfsi(double a) {
    int e = exponent(a);
    return e >= 0 ? (uint32_t)(mantissa(a) << e) : e > -64 ? (uint32_t)(mantissa(a) >> -e) : 0;
}

int32_t __fixdfsi(double a) { return sign(a) ? -(int32_t)__fixunsdfsi(a) : (int32_t)__fixunsdfsi(a); }

static int64_t order(double a) {
    int64_t bits = (int64_t)((bits64){.value = a}).bits;
    return bits < 0 ? -(bits & INT64_MAX) : bits;
}

int __ltdf2(double a, double b) { return order(a) < order(b) ? -1 : 1; }
int __gedf2(double a, double b) { return order(a) >= order(b) ? 1 : -1; }
int __gtdf2(double a, double b) { return order(a) > order(b) ? 1 : -1; }
int __ledf2(double a, double b) { return order(a) <= order(b) ? -1 : 1; }
int __eqdf2(double a, double b) { return order(a) != order(b); }
int __nedf2(double a, double b) { return order(a) != order(b); }
int __unorddf2(double a, double b) { (void)a, (void)b; return 0; }

double ceil(double a) {
    int32_t whole = __fixdfsi(a);
    return order(__floatsidf(whole)) < order(a) ? __floatsidf(whole + 1) : __floatsidf(whole);
}

#version 330 core

// A picture under a kernel whose half size grows with the distance from a gaze. Small sizes read samples directly;
// others lie between four rungs of a ladder of sizes, on each of which values are cubic B-splines. With SUMS boxes are
// differences of running sums, exactly. With EDGE it is the derivative of what the ladder holds, with DIFFERENCE what
// that is for a narrow kernel less what it is for a wide one.

uniform sampler2D samples;
#ifdef SUMS
uniform sampler2D sums;              // of samples less their mean, see kernels.js
uniform vec4 mean;
#else
uniform sampler2D atlas;             // coefficients of all rungs
uniform sampler2D table;             // of each rung: its place there and its cell; its first vertex and its counts
uniform int count;                   // of rungs
uniform float least;                 // half size of the first rung
uniform float log2_ratio;            // from one to the next
#endif
uniform float direct_size;           // below which samples are read directly
uniform vec4 knots;
uniform vec4 weights;
uniform int degree;
uniform vec4 line_x;                 // first sample, cell, count and border (0 mirror, 1 repeat, 2 clamp) along each axis
uniform vec4 line_y;
uniform vec2 corner;                 // of the first pixel's centre, in domain units
uniform float step_size;             // from pixel to pixel
uniform vec2 gaze;
uniform float radius;                // around the gaze, where nothing is added
uniform float falloff;               // standard deviation a domain unit beyond
uniform float own_variance;          // everywhere
uniform float unit_variance;         // of a kernel of half size 1
#ifdef EDGE
uniform vec2 direction;              // of the derivative, by what it is divided
#endif
#ifdef DIFFERENCE
uniform float ratio;                 // of the half sizes
#endif

out vec4 color;

// A row's part of the sum: what it is worth, and how that changes, times values along it, and how these change.
vec4 part(vec2 worth, vec4 along, vec4 slope) {
#ifdef EDGE
    return direction.x * worth.x * slope + direction.y * worth.y * along;
#else
    return worth.x * along;
#endif
}

// Of parts all; a derivative is one by half sizes.
vec4 whole(vec4 sum, float half_size) {
#ifdef EDGE
    return half_size * sum;
#else
    return sum;
#endif
}

float half_size_at(vec2 position) {
    float added = falloff * max(distance(position, gaze) - radius, 0.0);
    return sqrt((own_variance + added * added) / unit_variance);
}

float ramp(float u) {
    if (abs(u) >= 1.0) return max(u, 0.0);
    float sum = 0.0;
    for (int j = 0; j < degree + 2; j++) {
        float past = max(u - knots[j], 0.0);
        sum += weights[j] * past * past * (degree == 0 ? 0.5 : degree == 1 ? past / 6.0 : past * past / 24.0);
    }
    return sum;
}

// What a sample is worth at a distance, both in samples.
float worth(float offset, float size) {
    if (size < 0.01) return max(1.0 - abs(offset), 0.0);
    return size * (ramp((offset + 1.0) / size) - 2.0 * ramp(offset / size) + ramp((offset - 1.0) / size));
}

// The slope of the ramp: 0 before the kernel begins, and 1 after it has ended. Only for degree 2.
float risen(float u) {
    if (abs(u) >= 1.0) return step(1.0, u);
    float sum = 0.0;
    for (int j = 0; j < 4; j++) {
        float past = max(u - knots[j], 0.0);
        sum += weights[j] * past * past * past / 6.0;
    }
    return sum;
}

float worth_slope(float offset, float size) {
    if (size < 0.01) return 0.0;
    return risen((offset + 1.0) / size) - 2.0 * risen(offset / size) + risen((offset - 1.0) / size);
}

vec2 worth_and_slope(float offset, float size) {
    return vec2(worth(offset, size), worth_slope(offset, size));
}

int folded(int index, vec4 line) {
    int n = int(line.z);
    if (line.w > 1.5) return clamp(index, 0, n - 1);
    int period = line.w > 0.5 ? n : 2 * n;
    int within = index - period * int(floor(float(index) / float(period)));
    return line.w > 0.5 ? within : min(within, period - 1 - within);
}

vec4 directly(vec2 position, float half_size) {
    vec2 at = (position - vec2(line_x.x, line_y.x)) / vec2(line_x.y, line_y.y);
    float size = half_size / line_x.y;
    ivec2 low = ivec2(ceil(at - size - 1.0)), high = ivec2(floor(at + size + 1.0));
    vec2 across[8];                  // no more, as direct sizes are below 3; with the slope
    int columns[8];
    for (int column = low.x; column <= high.x; column++) {
        across[column - low.x] = worth_and_slope(at.x - float(column), size);
        columns[column - low.x] = folded(column, line_x);
    }
    vec4 sum = vec4(0.0);
    for (int row = low.y; row <= high.y; row++) {
        vec4 along = vec4(0.0), slope = vec4(0.0);
        int line = folded(row, line_y);
        for (int k = 0; k <= high.x - low.x; k++) {
            vec4 value = texelFetch(samples, ivec2(columns[k], line), 0);
            along += across[k].x * value;
            slope += across[k].y * value;
        }
        sum += part(worth_and_slope(at.y - float(row), size), along, slope);
    }
    return whole(sum, size);
}

#ifdef SUMS
// Add what the integral up to a place, in samples from the box's edge, reads: three sums from `at`, and that of all.
void read_up_to(float place, float sign, int at, vec4 line, inout int index[7], inout float weight[7]) {
    float n = line.z, within = place, beyond = 0.0;
    if (line.w > 1.5) {
        within = clamp(place, 0.0, n);
        beyond = sign * (place - within);
    } else {
        float turns = floor(place / n);
        within = place - turns * n;
        if (line.w < 0.5 && mod(turns, 2.0) > 0.5) {
            turns += 1.0;
            within = n - within;
            weight[6] += sign * turns;
            sign = -sign;
        } else weight[6] += sign * turns;
    }
    float below = floor(within - 0.5), t = within - 0.5 - below;
    for (int k = 0; k < 3; k++) index[at + k] = int(below) + 1 + k;
    weight[at] = sign * 0.5 * (1.0 - t) * (1.0 - t) - max(beyond, 0.0);
    weight[at + 1] = sign * (0.5 + t - t * t) + abs(beyond);
    weight[at + 2] = sign * 0.5 * t * t + min(beyond, 0.0);
}

// The mean from one place to the other.
void read_between(float low, float high, vec4 line, out int index[7], out float weight[7]) {
    index[6] = int(line.z) + 1;
    weight[6] = 0.0;
    read_up_to(low, -1.0, 0, line, index, weight);
    read_up_to(high, 1.0, 3, line, index, weight);
    for (int k = 0; k < 7; k++) weight[k] /= high - low;
}

vec4 of_size(vec2 position, float half_size) {
    vec2 cell = vec2(line_x.y, line_y.y), at = (position - vec2(line_x.x, line_y.x)) / cell + 0.5, size = half_size / cell;
    int column[7], row[7];
    float across[7], down[7];
    read_between(at.x - size.x, at.x + size.x, line_x, column, across);
    read_between(at.y - size.y, at.y + size.y, line_y, row, down);
    vec4 sum = mean;
    for (int j = 0; j < 7; j++) {
        if (down[j] == 0.0) continue;
        vec4 along = vec4(0.0);
        for (int k = 0; k < 7; k++) along += across[k] * texelFetch(sums, ivec2(column[k], row[j]), 0);
        sum += down[j] * along;
    }
    return sum;
}
#else
vec4 cubic(float t) {
    float s = 1.0 - t;
    return vec4(s * s * s, (3.0 * t - 6.0) * t * t + 4.0, (3.0 * s - 6.0) * s * s + 4.0, t * t * t) / 6.0;
}

vec4 cubic_slope(float t) {
    float s = 1.0 - t;
    return vec4(-s * s, (3.0 * t - 4.0) * t, (4.0 - 3.0 * s) * s, t * t) / 2.0;
}

vec4 on_rung(int rung, vec2 position, float half_size) {
    vec4 place = texelFetch(table, ivec2(0, rung), 0), line = texelFetch(table, ivec2(1, rung), 0);
    vec2 at = clamp((position - line.xy) / place.z, vec2(1.0), line.zw - 2.001);
    ivec2 first = ivec2(at) - 1;
    vec4 across = cubic(fract(at.x)), down = cubic(fract(at.y));
    vec4 across_slope = cubic_slope(fract(at.x)), down_slope = cubic_slope(fract(at.y));
    vec4 sum = vec4(0.0);
    for (int row = 0; row < 4; row++) {
        vec4 along = vec4(0.0), slope = vec4(0.0);
        for (int column = 0; column < 4; column++) {
            vec4 value = texelFetch(atlas, ivec2(place.xy) + first + ivec2(column, row), 0);
            along += across[column] * value;
            slope += across_slope[column] * value;
        }
        sum += part(vec2(down[row], down_slope[row]), along, slope);
    }
    return whole(sum, half_size / place.z);
}

vec4 of_size(vec2 position, float half_size) {
    float at = clamp(log2(half_size / least) / log2_ratio, 1.0, float(count) - 2.001);
    int first = int(at) - 1;
    float t = fract(at);
    vec4 shares = vec4(-t * (t - 1.0) * (t - 2.0) / 6.0, (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
        -(t + 1.0) * t * (t - 2.0) / 2.0, (t + 1.0) * t * (t - 1.0) / 6.0);
    vec4 sum = vec4(0.0);
    for (int rung = 0; rung < 4; rung++) sum += shares[rung] * on_rung(first + rung, position, half_size);
    return sum;
}
#endif

vec4 under(vec2 position, float half_size) {
    return half_size < direct_size ? directly(position, half_size) : of_size(position, half_size);
}

void main() {
    vec2 position = corner + step_size * (gl_FragCoord.xy - 0.5);
    float half_size = half_size_at(position);
#ifdef DIFFERENCE
    color = under(position, half_size / ratio) - under(position, half_size);
#else
    color = under(position, half_size);
#endif
}

#version 330 core

// The pyramids of fieldcore/fields/pyramid.py (FADING: its table of weights) and trained_pyramid.py (NETWORK), asked once for the mean of the texture over a pixel's footprint.
//
// Loop bounds are uniforms: drivers that draw on the processor would unroll constant ones and compile for minutes.

#include "shown.glsl"

uniform sampler2D uv;
uniform sampler2D jacobian;
uniform sampler2D grids;             // all levels, one above the other

uniform int levels;                  // with a network: coarsest first
#ifdef NETWORK
uniform int hidden_vec4s;            // units of a hidden layer, by four
#endif
uniform int most_either_side;        // probes on either side of the middle one
#ifdef FADING
uniform float fading_start;          // log2 of the variance that the table's first column is for
uniform float fading_step;           // octaves from column to column
#else
uniform float sharpness;
#endif
uniform vec2 domain_by_uv;
uniform vec2 half_extent;
uniform vec2 bounds;                 // beyond these, positions are folded back
uniform ivec2 borders;               // 0 clamp, 1 repeat, 2 mirror
uniform float pixel_variance;
uniform float extra_variance;
uniform vec2 value_range;

layout(std140) uniform Pyramid {
    vec4 lattice[LEVELS];            // first vertex, side of a cell, variance from which this and finer ones are gone
    vec4 place[LEVELS];              // first row in `grids`, columns, rows; the side of cells that its detail asks for
    vec4 lines[PROBES];              // by probes on either side: 1 / sum of weights, 1 / standard deviation of indices
#ifdef NETWORK
    vec4 network[NETWORK];           // see `PyramidShading`
#endif
#ifdef FADING
    vec4 fading[(LEVELS * FADING + 3) / 4];
#endif
};

out vec4 color;

const float NEGLIGIBLE = 8.0;
const float REACH = 2.5, SPACING = 2.0, SPACING_MOST = 3.0, SPACING_CELLS = 0.5, NEGLIGIBLE_SPREAD = 0.25;
const float TINY = 1e-37;

struct Line {
    float variance;
    vec2 spread;
    int either_side;
};

// `split_along_major_axis` of the field.
Line split_along_major_axis(float xx, float xy, float yy) {
    float half_difference = 0.5 * (xx - yy);
    float radius = length(vec2(half_difference, xy));
    float minor = max(0.5 * (xx + yy) - radius, 0.0);
    float along = sqrt(radius + abs(half_difference));
    float across = along > 0.0 ? xy / along : 0.0;
    vec2 spread = half_difference >= 0.0 ? vec2(along, across) : vec2(across, along);
    float spread_variance = dot(spread, spread);
    float needed = ceil(REACH / SPACING * sqrt(spread_variance / max(minor, TINY)));
    float either_side = min(needed, float(most_either_side));
    float gap = REACH / max(either_side, 1.0);
    float shortest = (minor + spread_variance) / (1.0 + gap * gap / (SPACING_MOST * SPACING_MOST));
    float shortened = either_side > 0.0 ? min(spread_variance, shortest) : 0.0;
    float share = shortened / max(spread_variance, TINY);
    return Line(minor + (spread_variance - shortened), spread * sqrt(share), int(either_side));
}

float folded(float x, float half_side, int border) {
#ifdef FADING
    if (border == 0) return x;       // a smoothed level changes beyond a clamped border, as far as it reaches
#else
    if (border == 0) return clamp(x, -half_side, half_side);
#endif
    if (border == 1) return x - 2.0 * half_side * floor((x + half_side) / (2.0 * half_side));
    float turn = x / half_side + 1.0;
    turn -= 4.0 * floor(0.25 * turn);
    return (1.0 - abs(turn - 2.0)) * half_side;
}

vec2 folded_back(vec2 x) {
    return vec2(folded(x.x, half_extent.x, borders.x), folded(x.y, half_extent.y, borders.y));
}

vec4 level_at(int level, vec2 x) {
    vec2 size = place[level].yz;
    vec2 vertex = clamp((x - lattice[level].xy) / lattice[level].z, vec2(0.0), size - 1.0);
    return textureLod(grids, (vertex + vec2(0.5, place[level].x + 0.5)) / vec2(textureSize(grids, 0)), 0.0);
}

// The features of a level, averaged over the probes that are far enough apart for it to tell them.
vec4 average(int level, vec2 x, Line line) {
    float spacings = length(line.spread) * (REACH / SPACING_CELLS) / place[level].w;
    int either_side = min(int(max(ceil(spacings - NEGLIGIBLE_SPREAD), 0.0)), line.either_side);
    bool leaves = any(greaterThan(abs(x), bounds - (either_side > 0 ? REACH * abs(line.spread) : vec2(0.0))));
    if (either_side == 0) return level_at(level, leaves ? folded_back(x) : x);
    vec2 shape = lines[either_side].xy;
    float step = REACH / float(either_side);
    vec4 sum = vec4(0.0);
    for (int index = -either_side; index <= either_side; index++) {
        vec2 probe = x + (float(index) * shape.y) * line.spread;
        if (leaves) probe = folded_back(probe);
        float along = float(index) * step;
        sum += exp(-0.5 * along * along) * level_at(level, probe);
    }
    return sum * shape.x;
}

#ifdef FADING
float faded(int entry) {
    return fading[entry / 4][entry % 4];
}

float weight_of(int level, float variance) {
    float position = clamp((log2(max(variance, TINY)) - fading_start) / fading_step, 0.0, float(FADING - 1));
    int column = min(int(position), FADING - 2);
    int entry = level * FADING + column;
    return mix(faded(entry), faded(entry + 1), position - float(column));
}
#else
float weight_of(int level, float variance) {
    return exp(-NEGLIGIBLE * pow(variance / lattice[level].w, sharpness));
}
#endif

#ifdef NETWORK
vec4 hidden[HIDDEN];                 // what has reached the first hidden layer

void enter_first_bias() {
    int bias = 5 * levels * hidden_vec4s;
    for (int unit = 0; unit < hidden_vec4s; unit++) hidden[unit] = network[bias + unit];
}

void enter(int level, vec4 features, float weight) {
    int column = 5 * level * hidden_vec4s;
    for (int unit = 0; unit < hidden_vec4s; unit++) {
        int row = column + unit;
        hidden[unit] += features.x * network[row] + features.y * network[row + hidden_vec4s]
            + features.z * network[row + 2 * hidden_vec4s] + features.w * network[row + 3 * hidden_vec4s]
            + weight * network[row + 4 * hidden_vec4s];
    }
}

vec3 answer() {
    int second = (5 * levels + 1) * hidden_vec4s;
    int second_bias = second + 4 * hidden_vec4s * hidden_vec4s;
    int last = second_bias + hidden_vec4s;
    vec3 correction = network[last + 4 * hidden_vec4s].rgb;
    for (int unit = 0; unit < hidden_vec4s; unit++) {
        vec4 next = network[second_bias + unit];
        for (int from = 0; from < hidden_vec4s; from++) {
            vec4 active_units = max(hidden[from], 0.0);
            int row = second + 4 * from * hidden_vec4s + unit;
            next += active_units.x * network[row] + active_units.y * network[row + hidden_vec4s]
                + active_units.z * network[row + 2 * hidden_vec4s] + active_units.w * network[row + 3 * hidden_vec4s];
        }
        next = max(next, 0.0);
        int row = last + 4 * unit;
        correction += next.x * network[row].rgb + next.y * network[row + 1].rgb + next.z * network[row + 2].rgb
            + next.w * network[row + 3].rgb;
    }
    return correction;
}
#else
void enter_first_bias() {}
void enter(int level, vec4 features, float weight) {}
vec3 answer() { return vec3(0.0); }
#endif

vec3 filtered(vec2 x, Line line) {
    enter_first_bias();
    vec3 colour = vec3(0.0);
    float weight = 1.0;
    for (int level = 0; level < levels; level++) {
        if (line.variance >= lattice[level].w) {
            weight = 0.0;            // of this one and of all finer ones
            break;
        }
        weight = weight_of(level, line.variance);
        if (weight == 0.0) continue;
        vec4 features = weight * average(level, x, line);
        colour += features.rgb;
        enter(level, features, weight);
    }
    return line.variance == 0.0 ? colour : colour + (1.0 - weight) * answer();
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 seen = texelFetch(uv, pixel, 0);
    color = vec4(0.0);
    if (seen.w <= 0.0) return;
    vec4 by_pixel = texelFetch(jacobian, pixel, 0);
    vec2 along_x = domain_by_uv.x * by_pixel.xy, along_y = domain_by_uv.y * by_pixel.zw;
    float xx = pixel_variance * dot(along_x, along_x) + extra_variance;
    float yy = pixel_variance * dot(along_y, along_y) + extra_variance;
    float xy = pixel_variance * dot(along_x, along_y);
    vec3 values = filtered((seen.xy - 0.5) * domain_by_uv, split_along_major_axis(xx, xy, yy));
    values = (values - value_range.x) / (value_range.y - value_range.x);
    color = vec4(clamp(shown(values), 0.0, 1.0), seen.w);
}

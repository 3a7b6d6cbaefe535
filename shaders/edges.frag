#version 330 core

// Where surfaces meet within the pixel filter's reach, the mean of what the pixels around see, by the filter's weight.
//
// A pixel's footprint lies on the one surface that its centre sees. Neighbours on the same surface lend nothing, since
// the footprint reaches over them already; those on another one, such as a body behind a fin, do.

uniform sampler2D uv;
uniform sampler2D jacobian;
uniform sampler2D picture;
uniform sampler2D materials;     // of each: its box in the sheet; how it continues: 0 clamp, 1 repeat, 2 mirror
uniform vec2 weights;            // of the pixel filter along one axis: within the pixel itself, beyond it on either side

out vec4 color;

const float AGREES = 0.5;        // share of a footprint by which a neighbour on the same surface may be elsewhere

// How far apart two places of a texture are along one axis, which goes on beyond its box.
float apart(float here, float there, float wrap, float start, float side) {
    float difference = there - here;
    if (wrap > 1.5) {
        float turn = (here - start) / side;
        turn -= 2.0 * floor(0.5 * turn);
        return there - (start + side * (1.0 - abs(turn - 1.0)));
    }
    return wrap > 0.5 ? difference - side * round(difference / side) : difference;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 seen = texelFetch(uv, pixel, 0);
    vec4 own = texelFetch(picture, pixel, 0);
    color = own;
    if (seen.w <= 0.0) return;
    vec4 by_pixel = texelFetch(jacobian, pixel, 0);
    ivec2 last = textureSize(uv, 0) - 1;
    int material = int(seen.z + 0.5);
    vec4 box = texelFetch(materials, ivec2(0, material), 0);
    vec2 wraps = texelFetch(materials, ivec2(1, material), 0).xy;
    vec3 sum = vec3(0.0);
    float total = 0.0;
    for (int down = -1; down <= 1; down++) {
        for (int right = -1; right <= 1; right++) {
            ivec2 neighbour = pixel + ivec2(right, -down);
            if (neighbour != clamp(neighbour, ivec2(0), last)) continue;
            vec4 there = texelFetch(uv, neighbour, 0);
            float weight = there.w * (right == 0 ? weights.x : weights.y) * (down == 0 ? weights.x : weights.y);
            if (weight <= 0.0) continue;
            vec2 expected = seen.xy + float(right) * by_pixel.xz + float(down) * by_pixel.yw;
            float elsewhere = length(vec2(apart(expected.x, there.x, wraps.x, box.x, box.z),
                                          apart(expected.y, there.y, wraps.y, box.y, box.w)));
            float footprint = 0.5 * (length(by_pixel) + length(texelFetch(jacobian, neighbour, 0)));
            bool same = int(there.z + 0.5) == material && elsewhere <= AGREES * footprint;
            sum += weight * (same ? own.rgb : texelFetch(picture, neighbour, 0).rgb);
            total += weight;
        }
    }
    color = vec4(sum / total, own.a);
}

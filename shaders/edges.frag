#version 330 core

// White where a pixel's neighbours, which its filter reaches, do not see what its footprint foretells: where surfaces meet
// or end, or bend too much.

uniform sampler2D uv;
uniform sampler2D jacobian;
uniform sampler2D materials;     // of each: its box in the sheet; how it continues: 0 clamp, 1 repeat, 2 mirror

out vec4 color;

const float AGREES = 0.35;       // share of a footprint by which a neighbour may see another place than foretold
const float LARGEST = 0.99;      // about the texture's own size: such a footprint is limited and foretells nothing

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
    color = vec4(0.0);
    if (seen.w <= 0.0) return;
    vec4 by_pixel = texelFetch(jacobian, pixel, 0);
    ivec2 last = textureSize(uv, 0) - 1;
    int material = int(seen.z + 0.5);
    vec4 box = texelFetch(materials, ivec2(0, material), 0);
    vec2 wraps = texelFetch(materials, ivec2(1, material), 0).xy;
    bool limited = length(by_pixel / box.zzww) >= LARGEST;
    for (int down = -1; down <= 1; down++) {
        for (int right = -1; right <= 1; right++) {
            ivec2 neighbour = pixel + ivec2(right, -down);
            if (neighbour != clamp(neighbour, ivec2(0), last)) continue;
            vec4 there = texelFetch(uv, neighbour, 0);
            vec2 expected = seen.xy + float(right) * by_pixel.xz + float(down) * by_pixel.yw;
            float elsewhere = length(vec2(apart(expected.x, there.x, wraps.x, box.x, box.z),
                                          apart(expected.y, there.y, wraps.y, box.y, box.w)));
            float footprint = 0.5 * (length(by_pixel) + length(texelFetch(jacobian, neighbour, 0)));
            bool same = int(there.z + 0.5) == material && (limited || elsewhere <= AGREES * footprint);
            if (there.w < 1.0 || !same) color = vec4(1.0);
        }
    }
}

#version 330 core

// One look at the texture on its way into the sum of all: colours times weights, and the weights.
//
// Pixels at edges have it from those of their neighbours that see the model, by the pixel filter. All others, and where
// no look sees the model, have that of their whole pixel.

uniform sampler2D picture;
uniform sampler2D edges;
uniform int reach;               // 0: the look of whole pixels; 1: one that pixels lend to their neighbours
uniform vec2 place;              // of the look in its pixel, from the centre to the right and down
uniform float falloff;           // of the weight, by squared pixels

out vec4 color;

const float LAST_RESORT = 1e-4;  // weight of the whole pixel at an edge

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    bool at_edge = texelFetch(edges, pixel, 0).r > 0.5;
    if (reach > 0 && !at_edge) discard;
    ivec2 last = textureSize(picture, 0) - 1;
    color = vec4(0.0);
    for (int down = -reach; down <= reach; down++) {
        for (int right = -reach; right <= reach; right++) {
            ivec2 neighbour = pixel + ivec2(right, -down);
            vec4 seen = texelFetch(picture, clamp(neighbour, ivec2(0), last), 0);
            if (seen.a <= 0.0 || neighbour != clamp(neighbour, ivec2(0), last)) continue;
            vec2 away = place + vec2(right, down);
            color += exp(-falloff * dot(away, away)) * vec4(seen.rgb, 1.0);
        }
    }
    if (reach == 0 && at_edge) color *= LAST_RESORT;
}

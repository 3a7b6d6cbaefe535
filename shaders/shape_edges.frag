#version 330 core

// A shape's picture with smooth silhouettes.
//
// A pixel that is not one surface's alone shares with that neighbour which is farthest from it in depth: what is before
// the edge, or what is behind.

uniform sampler2D picture;
uniform sampler2D position;    // in the world; share of the pixel that what is seen covers, or if below 0.5 does not
uniform vec3 eye;
uniform vec3 ray_forward;

out vec4 color;

const ivec2 AROUND[4] = ivec2[4](ivec2(1, 0), ivec2(-1, 0), ivec2(0, 1), ivec2(0, -1));

float depth_of(ivec2 texel) {
    vec4 seen = texelFetch(position, texel, 0);
    return seen.w < 0.5 ? 1e6 : dot(seen.xyz - eye, ray_forward);
}

void main() {
    ivec2 texel = ivec2(gl_FragCoord.xy);
    color = texelFetch(picture, texel, 0);
    float share = texelFetch(position, texel, 0).w;
    ivec2 last = textureSize(position, 0) - 1;
    float depth = depth_of(texel);
    float farthest = -1.0;
    ivec2 other = texel;
    for (int k = 0; k < 4; k++) {
        if (share <= 0.0 || share >= 1.0) break;
        ivec2 neighbour = clamp(texel + AROUND[k], ivec2(0), last);
        float apart = abs(depth_of(neighbour) - depth);
        other = apart > farthest ? neighbour : other;
        farthest = max(farthest, apart);
    }
    color = mix(color, texelFetch(picture, other, 0), share < 0.5 ? share : 1.0 - share);
}

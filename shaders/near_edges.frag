#version 330 core

// Clears a geometry, its depth buffer to the nearest where neither a pixel nor any of its neighbours is at an edge.

uniform sampler2D edges;

layout(location = 0) out vec4 uv;
layout(location = 1) out vec4 jacobian;
layout(location = 2) out vec4 surface;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = textureSize(edges, 0) - 1;
    float near = 0.0;
    for (int up = -1; up <= 1; up++) {
        for (int right = -1; right <= 1; right++) {
            near = max(near, texelFetch(edges, clamp(pixel + ivec2(right, up), ivec2(0), last), 0).r);
        }
    }
    uv = jacobian = surface = vec4(0.0);
    gl_FragDepth = near;
}

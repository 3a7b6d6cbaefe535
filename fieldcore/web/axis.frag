#version 330 core

// A linear map along one axis of a lattice: each pixel is a sum of the vertices that its position reads.

uniform sampler2D values;
uniform sampler2D taps;              // by position and pair of taps: vertex and weight, vertex and weight
uniform int pair_count;

out vec4 color;

#ifdef ALONG_ROWS
#define ALONG(vertex) ivec2(pixel.x, int(vertex))
#define POSITION pixel.y
#else
#define ALONG(vertex) ivec2(int(vertex), pixel.y)
#define POSITION pixel.x
#endif

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    color = vec4(0.0);
    for (int pair = 0; pair < pair_count; pair++) {
        vec4 entry = texelFetch(taps, ivec2(POSITION, pair), 0);
        color += entry.y * texelFetch(values, ALONG(entry.x), 0) + entry.w * texelFetch(values, ALONG(entry.z), 0);
    }
}

#version 330 core

// The mean of all looks, with the share of the pixel that the model covers.

uniform sampler2D uv;
uniform sampler2D sum;

out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    float coverage = texelFetch(uv, pixel, 0).w;
    vec4 total = texelFetch(sum, pixel, 0);
    color = coverage > 0.0 ? vec4(total.rgb / total.w, coverage) : vec4(0.0);
}

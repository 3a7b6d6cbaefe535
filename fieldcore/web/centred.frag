#version 330 core

// Values less their mean, so that sums of many stay small.

uniform sampler2D values;
uniform vec4 mean;

out vec4 color;

void main() {
    color = texelFetch(values, ivec2(gl_FragCoord.xy), 0) - mean;
}

#version 330 core

// The sum of two textures of one size.

uniform sampler2D one;
uniform sampler2D other;

out vec4 color;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    color = texelFetch(one, pixel, 0) + texelFetch(other, pixel, 0);
}

#version 330 core

// A level's values at their place in the texture of all levels; what repeats has one vertex more at either end.

uniform sampler2D values;
uniform int first_row;
uniform ivec2 more;                  // vertices before the first one

out vec4 color;

void main() {
    ivec2 size = textureSize(values, 0);
    ivec2 vertex = ivec2(gl_FragCoord.xy) - ivec2(0, first_row) - more;
    color = texelFetch(values, (vertex + size) % size, 0);
}

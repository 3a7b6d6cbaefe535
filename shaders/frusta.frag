#version 330 core

// Lines of one colour each.

in vec3 line_colour;

out vec4 color;

void main() {
    color = vec4(line_colour, 1.0);
}

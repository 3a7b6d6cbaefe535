#version 330 core

// Lines in the world.

uniform mat4 clip_from_world;

in vec3 position;
in vec3 colour;

out vec3 line_colour;
out float depth;

void main() {
    gl_Position = clip_from_world * vec4(position, 1.0);
    line_colour = colour;
    depth = gl_Position.w;
}

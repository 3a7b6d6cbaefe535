#version 330 core

// Photographs in the world, each a layer.

uniform mat4 clip_from_world;

in vec3 position;
in vec3 uv_and_layer;

out vec3 at;
out float depth;

void main() {
    gl_Position = clip_from_world * vec4(position, 1.0);
    at = uv_and_layer;
    depth = gl_Position.w;
}

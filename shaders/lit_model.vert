#version 330 core

// A model in perspective, for photographs of it.

uniform mat4 clip_from_world;

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec4 in_box;     // of the triangle's texture in the sheet: left, bottom, width, height
in vec2 in_wraps;   // how that continues along u and v: 0 repeated, 1 mirrored, 2 clamped

out vec3 position;
out vec3 normal;
out vec2 uv;
flat out vec4 box;
flat out vec2 wraps;

void main() {
    position = in_position;
    normal = in_normal;
    uv = in_uv;
    box = in_box;
    wraps = in_wraps;
    gl_Position = clip_from_world * vec4(in_position, 1.0);
}

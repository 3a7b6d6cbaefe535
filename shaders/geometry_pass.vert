#version 330 core

// A textured mesh in perspective.

uniform mat4 clip_from_world;
uniform float depth_offset;    // -0.5 or 0.5: the nearer half of the depth buffer, or the farther

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;

#ifdef GL_ES
flat out int triangle;         // of the one that is drawn; three vertices each
#endif
// Of one of the triangle's corners, the same all over it.
flat out vec3 corner;
flat out vec2 corner_uv;
out vec3 vertex_normal;
out vec2 vertex_uv;

void main() {
#ifdef GL_ES
    triangle = gl_VertexID / 3;
#endif
    corner = in_position;
    corner_uv = in_uv;
    vertex_normal = in_normal;
    vertex_uv = in_uv;
    gl_Position = clip_from_world * vec4(in_position, 1.0);
    gl_Position.z = 0.5 * gl_Position.z + depth_offset * gl_Position.w;
}

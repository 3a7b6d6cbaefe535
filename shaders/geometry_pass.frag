#version 330 core

// What each pixel sees of the model: the texture's coordinates, their derivatives by pixel, the surface.

#include "surface_hit.glsl"

uniform sampler2D coverage;    // share of the pixel's samples that the model covers
uniform float samples;         // how many they are
uniform float centre;          // 1 where what is drawn covers the pixel's centre too, else 0

layout(location = 0) out vec4 uv;
layout(location = 1) out vec4 jacobian;
layout(location = 2) out vec4 surface;

void main() {
    float covered = round(samples * texelFetch(coverage, ivec2(gl_FragCoord.xy), 0).r);
    float share = (covered + centre) / (samples + 1.0);
    float seen = share > 0.0 ? 1.0 : 0.0;
    Hit hit = surface_hit();
    wrap_into_sheet(hit);
    vec3 normal = dot(vertex_normal, hit.plane_normal) < 0.0 ? -vertex_normal : vertex_normal;
    normal = dot(normal, normal) > 1e-8 ? normalize(normal) : hit.plane_normal;
    uv = seen * vec4(hit.uv, float(hit.material), share);
    jacobian = seen * vec4(hit.uv_right.x, hit.uv_down.x, hit.uv_right.y, hit.uv_down.y);
    surface = seen * vec4(normal, hit.distance);
}

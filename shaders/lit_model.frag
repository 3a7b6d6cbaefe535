#version 330 core

// A photograph of a model: its texture or a pattern, lit by Lambert's law with a highlight after Blinn and Phong.

uniform sampler2D sheet;
uniform float textured;        // 1 where the sheet is the model's, 0 for the pattern
uniform vec3 eye;
uniform vec3 ways[2];          // to the lights, of length 1; (0, 0, 0) is the way to the camera
uniform vec2 strengths;        // of the lights
uniform float ambient;
uniform float specular;
uniform float exponent;

in vec3 position;
in vec3 normal;
in vec2 uv;
flat in vec4 box;
flat in vec2 wraps;

layout(location = 0) out vec4 colour;

vec3 linear_from_display(vec3 display) {
    return mix(display / 12.92, pow((display + 0.055) / 1.055, vec3(2.4)), step(0.04045, display));
}

vec3 display_from_linear(vec3 light) {
    return mix(12.92 * light, 1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, light));
}

float continued(float x, float wrap) {
    if (wrap < 0.5) return fract(x);
    if (wrap < 1.5) return 1.0 - abs(mod(x, 2.0) - 1.0);
    return clamp(x, 0.0, 1.0);
}

// Two octaves of products of sines, so that every part of a surface has some.
vec3 pattern(vec3 x) {
    vec3 coarse = sin(5.0 * x.xyz + vec3(0.0, 1.0, 2.0)) * sin(6.0 * x.yzx + vec3(1.0, 0.0, 3.0));
    vec3 fine = sin(17.0 * x.yzx + vec3(2.0, 0.5, 1.0)) * sin(19.0 * x.zxy + vec3(0.0, 2.5, 1.5));
    return vec3(0.5) + 0.3 * coarse + 0.15 * fine;
}

void main() {
    vec2 within = vec2(continued(uv.x, wraps.x), continued(uv.y, wraps.y));
    // Derivatives are those of the coordinates before they jump.
    vec3 texel = textureGrad(sheet, box.xy + within * box.zw, dFdx(uv) * box.zw, dFdy(uv) * box.zw).rgb;
    vec3 albedo = linear_from_display(mix(pattern(position), texel, textured));
    vec3 to_eye = normalize(eye - position);
    vec3 n = normalize(dot(normal, normal) > 1e-8 ? normal : cross(dFdx(position), dFdy(position)));
    n = dot(n, to_eye) < 0.0 ? -n : n;
    vec3 light = ambient * albedo;
    for (int i = 0; i < 2; ++i) {
        vec3 way = dot(ways[i], ways[i]) > 0.0 ? ways[i] : to_eye;
        float facing = max(dot(n, way), 0.0);
        float shine = facing > 0.0 ? pow(max(dot(n, normalize(way + to_eye)), 0.0), exponent) : 0.0;
        light += strengths[i] * (facing * albedo + specular * shine);
    }
    colour = vec4(display_from_linear(clamp(light, 0.0, 1.0)), 1.0);
}

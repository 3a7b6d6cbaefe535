#version 330 core

// What is seen of a shape, lit or coloured. One of MATERIAL, COLOURS, NORMALS, CURVATURE, ERROR is defined.

#include "volume.glsl"
#include "shape_light.glsl"
#include "shown.glsl"

uniform sampler2D position;    // in the world, share of the pixel
uniform sampler2D surface;     // unit normal, mean curvature
uniform vec3 eye;
uniform float lift;            // from the surface, so that a shadow does not begin below it

out vec4 color;

#ifdef MATERIAL

const vec3 CLAY = vec3(0.600, 0.535, 0.470);
const vec3 KEY = vec3(2.15, 2.02, 1.82);
const vec3 SKY = vec3(0.33, 0.375, 0.45);
const vec3 GROUND = vec3(0.125, 0.112, 0.102);
const vec3 RIM = vec3(0.55, 0.62, 0.75);
const float ROUGHNESS = 0.56;
const float REFLECTANCE = 0.04;

// Walter et al., Microfacet models for refraction through rough surfaces (2007), with Schlick's Fresnel term.
float highlight(vec3 normal, vec3 to_eye) {
    vec3 between = normalize(to_light + to_eye);
    float facing = max(dot(normal, between), 0.0);
    float squared = ROUGHNESS * ROUGHNESS;
    float spread = facing * facing * (squared * squared - 1.0) + 1.0;
    float fresnel = REFLECTANCE + (1.0 - REFLECTANCE) * pow(1.0 - max(dot(to_eye, between), 0.0), 5.0);
    return fresnel * squared * squared / (4.0 * spread * spread * max(dot(to_light, between), 0.1));
}

vec3 surface_colour(vec3 place, vec3 normal, float curvature, float key, float ambient) {
    vec3 to_eye = normalize(eye - place);
    float towards_light = max(dot(normal, to_light), 0.0);
    vec3 light = KEY * (0.53 * towards_light * key);
    light += mix(GROUND, SKY, 0.5 + 0.5 * normal.y) * ambient;
    float grazing = pow(1.0 - max(dot(normal, to_eye), 0.0), 4.0);
    vec3 linear = CLAY * light;
    linear += KEY * (towards_light * key * highlight(normal, to_eye));
    linear += RIM * (0.28 * grazing * ambient * (0.35 + 0.65 * max(normal.y, 0.0)));
    // A soft shoulder instead of clipped highlights.
    return shown(linear / (1.0 + 0.12 * linear));
}

#elif defined(COLOURS)

uniform sampler3D colours;
uniform float colours_half_extent;

// The light that photographs were taken in is in their colours.
vec3 surface_colour(vec3 place) {
    return textureLod(colours, 0.5 + place * (0.5 / colours_half_extent), 0.0).rgb;
}

#else

// Colours that are numbers: light only hints at the form.
float hint(vec3 normal, float key, float ambient) {
    return 0.62 + 0.18 * ambient + 0.20 * key * max(dot(normal, to_light), 0.0);
}

#ifdef NORMALS

vec3 surface_colour(vec3 place, vec3 normal, float curvature, float key, float ambient) {
    return (0.5 + 0.5 * normal) * (0.25 + 0.75 * hint(normal, key, ambient));
}

#else

#include "scale.glsl"

#ifdef ERROR
uniform sampler3D truth;
uniform float truth_half_extent;

// How far outside the true surface the place is.
float number_at(vec3 place, float curvature) {
    return textureLod(truth, 0.5 + place * (0.5 / truth_half_extent), 0.0).r - level;
}
#else
float number_at(vec3 place, float curvature) {
    return curvature;
}
#endif

vec3 surface_colour(vec3 place, vec3 normal, float curvature, float key, float ambient) {
    return scale_colour(number_at(place, curvature)) * hint(normal, key, ambient);
}

#endif
#endif

#ifdef COLOURS

void main() {
    vec4 seen = texelFetch(position, ivec2(gl_FragCoord.xy), 0);
    color = seen.w < 0.5 ? vec4(0.0) : vec4(surface_colour(seen.xyz), 1.0);
}

#else

void main() {
    vec4 seen = texelFetch(position, ivec2(gl_FragCoord.xy), 0);
    color = vec4(0.0);
    if (seen.w < 0.5) return;
    vec4 facing = texelFetch(surface, ivec2(gl_FragCoord.xy), 0);
    vec3 lifted = seen.xyz + lift * facing.xyz;
    float side = distance_left_at(lifted) < 0.0 ? -1.0 : 1.0;
    // No light would reach who is within the shape; the key light is let in.
    float key = side > 0.0 ? key_light(lifted) : 1.0;
    float ambient = ambient_light(seen.xyz, facing.xyz, side);
    color = vec4(surface_colour(seen.xyz, facing.xyz, facing.w, key, ambient), 1.0);
}

#endif

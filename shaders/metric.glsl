// How far a colour is from the one that it should be, as a colour.

#include "scale.glsl"

uniform int error_metric;      // 0 the difference, 1 as a share of the reference, 2 squared, 3 the colour is the error

const float LEAST_REFERENCE = 0.01;

vec3 error_colour(vec3 colour, vec3 reference) {
    vec3 difference = colour - reference;
    if (error_metric == 1) difference /= max(abs(reference), LEAST_REFERENCE);
    if (error_metric == 2) difference *= abs(difference);
    if (error_metric == 3) difference = colour;
    return difference_colour(difference);
}

// Where the ray through a pixel meets the plane of the triangle that is drawn, and the texture there.
//
// All of it follows from the plane and so is exact at every pixel, up to the very edge of a triangle, where differences
// between neighbouring pixels would reach over to another one.

uniform sampler2D planes;      // of each triangle: gradient of u and material, gradient of v, normal
uniform int triangles_a_row;
uniform sampler2D materials;   // of each material: its box in the sheet, how it continues along u and v
uniform vec3 eye;
uniform vec3 ray_forward;      // of unit length, so that distances along rays are those along the view axis
uniform vec3 ray_right;        // by pixel
uniform vec3 ray_up;
uniform vec2 ray_origin;       // the pixel coordinates that `ray_forward` goes through

#ifdef GL_ES
flat in int triangle;          // web browsers know no gl_PrimitiveID
#define TRIANGLE triangle
#else
#define TRIANGLE gl_PrimitiveID
#endif
flat in vec3 corner;
flat in vec2 corner_uv;
in vec3 vertex_normal;
in vec2 vertex_uv;

const float GRAZING = 1e-4;    // sine of the angle below which a surface is taken to be seen at that angle
const float SNAP = 1.0 / 128.0;

struct Hit {
    vec2 uv;                   // as in the model's file
    vec2 uv_right;             // derivatives by pixel, of the texture's own width and height
    vec2 uv_down;
    vec3 plane_normal;         // facing the camera
    float distance;
    int material;
};

// The same matrix with its singular values limited to 1: a footprint no larger than the texture.
void limit_footprint(inout vec2 right, inout vec2 down) {
    float uu = right.x * right.x + down.x * down.x;
    float vv = right.y * right.y + down.y * down.y;
    float uv = right.x * right.y + down.x * down.y;
    if (uu + vv <= 1.0) return;
    float radius = length(vec2(0.5 * (uu - vv), uv));
    float major = sqrt(0.5 * (uu + vv) + radius);
    float minor = abs(right.x * down.y - right.y * down.x) / major;
    // An eigenvector of [[uu, uv], [uv, vv]]: of its two forms the one that does not cancel.
    vec2 axis = uu > vv ? vec2(0.5 * (uu - vv) + radius, uv) : vec2(uv, 0.5 * (vv - uu) + radius);
    axis = radius > 0.0 ? normalize(axis) : vec2(1.0, 0.0);
    vec2 across = vec2(-axis.y, axis.x);
    float along_share = 1.0 / max(major, 1.0), across_share = 1.0 / max(minor, 1.0);
    right = axis * dot(axis, right) * along_share + across * dot(across, right) * across_share;
    down = axis * dot(axis, down) * along_share + across * dot(across, down) * across_share;
    // Without rounding no entry would be larger.
    right = clamp(right, -1.0, 1.0);
    down = clamp(down, -1.0, 1.0);
}

Hit surface_hit() {
    int first = 3 * (TRIANGLE % triangles_a_row);
    int row = TRIANGLE / triangles_a_row;
    vec4 u_plane = texelFetch(planes, ivec2(first, row), 0);
    vec3 u_gradient = u_plane.xyz;
    vec3 v_gradient = texelFetch(planes, ivec2(first + 1, row), 0).xyz;
    vec3 normal = texelFetch(planes, ivec2(first + 2, row), 0).xyz;

    vec2 from_origin = gl_FragCoord.xy - ray_origin;
    vec3 ray = ray_forward + from_origin.x * ray_right + from_origin.y * ray_up;
    float facing = dot(normal, ray);
    float away = facing < 0.0 ? -1.0 : 1.0;
    facing = away * max(abs(facing), GRAZING * length(ray));

    // The rasteriser snaps corners to fractions of a pixel. Of what it interpolates only the rough value is used: it
    // bounds the hit where the plane is seen edge-on.
    float rough = 1.0 / gl_FragCoord.w;
    Hit hit;
    hit.distance = clamp(dot(normal, corner - eye) / facing, 0.99 * rough, 1.01 * rough);
    vec3 from_corner = (eye - corner) + hit.distance * ray;
    vec2 on_plane = corner_uv + vec2(dot(u_gradient, from_corner), dot(v_gradient, from_corner));
    hit.uv = clamp(on_plane, vertex_uv - SNAP, vertex_uv + SNAP);
    vec3 right = hit.distance * (ray_right - ray * (dot(normal, ray_right) / facing));
    vec3 up = hit.distance * (ray_up - ray * (dot(normal, ray_up) / facing));
    hit.uv_right = vec2(dot(u_gradient, right), dot(v_gradient, right));
    hit.uv_down = -vec2(dot(u_gradient, up), dot(v_gradient, up));
    limit_footprint(hit.uv_right, hit.uv_down);
    hit.plane_normal = -away * normal;
    hit.material = int(u_plane.w + 0.5);
    return hit;
}

// Of the wraps, as numbers: 0 clamp, 1 repeat, 2 mirror.
float wrapped(float x, float wrap, inout float right, inout float down) {
    if (wrap > 1.5) {
        float turn = x - 2.0 * floor(0.5 * x);
        float turned = turn > 1.0 ? -1.0 : 1.0;
        right *= turned;
        down *= turned;
        return 1.0 - abs(turn - 1.0);
    }
    if (wrap > 0.5) return fract(x);
    // Beyond the border the texture is constant: farther than a footprint outside nothing varies any more.
    float inside = clamp(x, 0.0, 1.0);
    float share = clamp(1.0 - abs(x - inside) / (length(vec2(right, down)) + 1e-9), 0.0, 1.0);
    right *= share;
    down *= share;
    return inside;
}

// From the texture's own coordinates into those of the sheet.
void wrap_into_sheet(inout Hit hit) {
    vec4 box = texelFetch(materials, ivec2(0, hit.material), 0);
    vec2 wraps = texelFetch(materials, ivec2(1, hit.material), 0).xy;
    hit.uv.x = wrapped(hit.uv.x, wraps.x, hit.uv_right.x, hit.uv_down.x);
    hit.uv.y = wrapped(hit.uv.y, wraps.y, hit.uv_right.y, hit.uv_down.y);
    hit.uv = box.xy + box.zw * hit.uv;
    hit.uv_right *= box.zw;
    hit.uv_down *= box.zw;
}

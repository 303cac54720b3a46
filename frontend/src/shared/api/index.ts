export { baseApi } from "./base-api";
export { fieldErrors, problemOf } from "./problem";
// The endpoints with their hooks and types are imported by file: "@/shared/api/entrance" for what the
// ways in and the session need, "@/shared/api/inside" for all else.

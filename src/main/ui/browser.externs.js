/** @externs What a browser has and the compiler's own list of globals lacks, so that any other unknown name is an error. */
var devicePixelRatio;
function matchMedia(query) {}

// Loads the page's own module; it finds the rest of the page by itself.
import init from "stage-wasm";

await init({ module_or_path: new URL("stage.wasm", import.meta.url) });

// The reading worker's browser half: pictures of a camera come in, the text of a code goes out. It has no device, no port
// and no keys (browser/code-worker).
import init, { read_code } from "code-worker-wasm";

// Pixels in a row of the pictures that are searched for a code, one size after the other: a camera that is held quite
// still never reads about one code in two hundred in one size; most of those it reads in the other.
const WIDTHS = [640, 560];
let pictures = 0;
const early: ImageBitmap[] = [];
let runs = false;

// The handler stands before anything is awaited, so that no picture is missed.
self.onmessage = ({ data }: MessageEvent<ImageBitmap>) => {
  if (runs) read(data);
  else early.push(data);
};

try {
  await init({ module_or_path: new URL("code-worker.wasm", import.meta.url) });
  runs = true;
  self.postMessage("ready");
  for (const picture of early) read(picture);
} catch {
  lost();
}

// A picture becomes its light alone, small enough to be searched several times a second.
function read(picture: ImageBitmap) {
  try {
    const width = Math.min(WIDTHS[pictures % WIDTHS.length], picture.width);
    pictures += 1;
    const height = Math.round((picture.height * width) / picture.width);
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
    const { data } = context.getImageData(0, 0, width, height);
    const light = new Uint8Array(width * height);
    for (let pixel = 0; pixel < light.length; pixel += 1) {
      const at = 4 * pixel;
      light[pixel] = (2 * data[at] + 5 * data[at + 1] + data[at + 2]) >> 3;
    }
    self.postMessage({ code: read_code(light, width) });
  } catch {
    lost();
  }
}

function lost() {
  self.postMessage("lost");
  self.close();
}

/** A canvas in the pixels of the screen, and a second one over it for text; both follow the size of their place. */
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Surface {
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen per CSS pixel. */
  readonly ratio: number;
}

/** The size of an element in pixels of the screen; undefined until it is known. */
export function useSurface(place: preact.RefObject<HTMLElement>): Surface | undefined {
  const [surface, setSurface] = useState<Surface>();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const ratio = Math.min(2, devicePixelRatio);
      const [width, height] = [element.clientWidth, element.clientHeight].map((length) => Math.round(length * ratio));
      setSurface((old) =>
        old?.width === width && old?.height === height ? old : { width: width ?? 1, height: height ?? 1, ratio },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return surface;
}

/** The pixels of a canvas, kept while its size is the same; `show` puts them on the screen. */
export function usePixels(): (
  canvas: HTMLCanvasElement,
  surface: Surface,
) => { pixels: Uint32Array; show: () => void } | undefined {
  const kept = useRef<ImageData>();
  return (canvas, { width, height }) => {
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null || width === 0 || height === 0) return undefined;
    let image = kept.current;
    if (image?.width !== width || image.height !== height) kept.current = image = new ImageData(width, height);
    const drawn = image;
    return { pixels: new Uint32Array(drawn.data.buffer), show: () => context.putImageData(drawn, 0, 0) };
  };
}

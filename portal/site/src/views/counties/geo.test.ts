import { describe, expect, it } from "vitest";
import { kept, type Shapes, shapes } from "./geo";

const square = (west: number, south: number) => [[[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]];
const feature = (properties: object, coordinates: unknown = square(120, 29), type = "Polygon") => ({
  type: "Feature", properties, geometry: { type, coordinates },
});
const file = (...features: unknown[]) => JSON.stringify({ type: "FeatureCollection", features });
const CODES = ["330106", "330127"];

describe("shapes", () => {
  it("joins by code or adcode, as text or number, and passes over what is no county of ours", () => {
    const found = shapes(
      file(feature({ adcode: 330106 }), feature({ code: "330127" }, [square(121, 30)], "MultiPolygon"), feature({ code: "110101" }), feature({})),
      CODES,
    ) as Shapes;
    expect(Object.keys(found.counties).sort()).toEqual(CODES);
    expect(found.counties["330106"]!.path).toMatch(/^M0 \d+L.*Z$/);
    expect(found.counties["330127"]!.x).toBeGreaterThan(found.counties["330106"]!.x);
    expect(found.counties["330127"]!.y).toBeLessThan(found.counties["330106"]!.y);
  });
  it("says in a word what is wrong with a file", () => {
    expect(shapes("{", CODES)).toBe("notJson");
    expect(shapes("null", CODES)).toBe("notGeo");
    expect(shapes('{"type":"Topology"}', CODES)).toBe("notGeo");
    expect(shapes(file(feature({ code: "110101" })), CODES)).toBe("noCounty");
    expect(shapes(file(feature({ code: "330106" }, square(500_000, 3_300_000))), CODES)).toBe("notDegrees");
    expect(shapes(file(null, 3, feature({ code: "330106" }, "nothing"), { properties: null }), CODES)).toBe("noCounty");
  });
  it("draws paths of numbers alone, whatever a file holds", () => {
    const odd = [[[120, 29], ["\"/><script>", 1], [121, 29], [121, 30], [null, 4]]];
    const found = shapes(file(feature({ code: "330106" }, odd)), CODES) as Shapes;
    expect(found.counties["330106"]!.path).toMatch(/^[MLZ\d .-]+$/);
  });
});

describe("kept", () => {
  it("takes back what was kept, and nothing else", () => {
    const found = shapes(file(feature({ code: "330106" })), CODES) as Shapes;
    expect(kept(JSON.stringify(found))).toEqual(found);
    expect(kept(null)).toBeNull();
    expect(kept("{}")).toBeNull();
    expect(kept(JSON.stringify({ ...found, counties: { "330106": { path: "url(x)", x: 1, y: 1 } } }))).toBeNull();
  });
});

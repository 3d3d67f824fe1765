// The map: the ground drawn from this server's own GeoJSON, square by square, on canvas. No tiles, no other host.
// A page's own script calls linliMap(element): {map, lines, dots, area, here, tapped, clear}. Without scripts the page's table says it all.
"use strict";

window.linliMap = (function () {
  const L = window.L, SIDE = 256, ZOOMS = [16, 14, 12, 10];
  const WIDTHS = { 10: 1, 11: 1, 12: 1, 13: 1.25, 14: 1.5, 15: 2.5, 16: 4, 17: 7, 18: 10 };

  function colours(element) {
    const style = window.getComputedStyle(element);
    return function (name) { return style.getPropertyValue("--" + name).trim(); };
  }

  // One square's GeoJSON, fetched once a page; the browser keeps it longer, since its address changes with the network.
  function squares(address) {
    const kept = new Map();
    return function (zoom, x, y) {
      const found = address.replace("/0/0/0", "/" + zoom + "/" + x + "/" + y);
      if (!kept.has(found)) {
        kept.set(found, window.fetch(found).then(function (answer) { return answer.ok ? answer.json() : { features: [] }; })
          .catch(function () { kept.delete(found); return { features: [] }; }));
      }
      return kept.get(found);
    };
  }

  function native(zoom) { return ZOOMS.find(function (one) { return one <= zoom; }) || 10; }

  function paths(feature) {
    const shape = feature.geometry;
    if (shape.type === "LineString") return [shape.coordinates];
    return shape.type === "Point" ? [] : shape.coordinates;
  }

  // Draws the features of one square, or of a part of it, into a canvas.
  function draw(canvas, coords, features, colour) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2), pen = canvas.getContext("2d"), world = SIDE * Math.pow(2, coords.z);
    canvas.width = canvas.height = SIDE * ratio;
    pen.scale(ratio, ratio);
    pen.lineCap = pen.lineJoin = "round";
    function trace(feature) {
      pen.beginPath();
      paths(feature).forEach(function (line) {
        line.forEach(function (point, place) {
          const spot = point[1] * Math.PI / 180;
          const x = (point[0] / 360 + 0.5) * world - coords.x * SIDE;
          const y = (0.5 - Math.log(Math.tan(spot) + 1 / Math.cos(spot)) / (2 * Math.PI)) * world - coords.y * SIDE;
          if (place) pen.lineTo(x, y); else pen.moveTo(x, y);
        });
      });
    }
    function stroke(kinds, ink, width, dash) {
      features.forEach(function (feature) {
        if (!kinds.includes(feature.properties.kind)) return;
        trace(feature);
        if (feature.geometry.type === "Polygon") { pen.fillStyle = ink; pen.fill("evenodd"); return; }
        pen.strokeStyle = ink; pen.lineWidth = width; pen.setLineDash(dash || []);
        pen.stroke();
      });
    }
    const wide = WIDTHS[coords.z] || 12;
    stroke(["green"], colour("map-green"), 2);
    stroke(["river", "canal", "coast", "water"], colour("map-water"), Math.max(3, wide * 2));
    stroke(["wall"], colour("map-wall"), Math.max(1, wide / 3));
    stroke(["tunnel"], colour("map-edge"), wide, [4, 5]);
    if (coords.z >= 15) stroke(["street", "bridge"], colour("map-edge"), wide + 2);
    stroke(["street"], coords.z >= 15 ? colour("map-street") : colour("map-edge"), wide);
    stroke(["steps"], colour("map-edge"), Math.max(2, wide * 0.7), [2, 4]);
    stroke(["rail"], colour("map-rail"), 3);
    if (coords.z >= 14) stroke(["rail"], colour("map-ground"), 1.5, [6, 6]);
    stroke(["bridge"], colour("map-street"), wide + 1);
  }

  const Ground = L.GridLayer.extend({
    createTile: function (coords, done) {
      const canvas = document.createElement("canvas"), layer = this, zoom = native(coords.z), down = coords.z - zoom;
      canvas.className = "map-square";
      layer.options.fetched(zoom, coords.x >> down, coords.y >> down).then(function (ground) {
        draw(canvas, coords, ground.features, layer.options.colour);
        layer.options.met(zoom + "/" + (coords.x >> down) + "/" + (coords.y >> down), ground.features);
        done(null, canvas);
      });
      return canvas;
    },
  });

  // Names of streets and gates in view, the first of each that covers no other.
  function named(map, met) {
    const shown = L.layerGroup().addTo(map);
    return function () {
      shown.clearLayers();
      const bounds = map.getBounds(), taken = [], seen = new Set(), zoom = native(map.getZoom());
      if (map.getZoom() < 14) return;
      met.forEach(function (features, square) {
        if (!square.startsWith(zoom + "/")) return;
        features.forEach(function (feature) {
          const told = feature.properties, gate = told.kind === "gate" || told.kind === "gate-shut";
          if (feature.geometry.type !== "Point" || (gate && map.getZoom() < 17)) return;
          const spot = L.latLng(feature.geometry.coordinates[1], feature.geometry.coordinates[0]);
          if (!bounds.contains(spot) || (!gate && seen.has(told.name))) return;
          if (gate) L.circleMarker(spot, { radius: 3, className: told.kind, interactive: false, color: "#000", weight: 1, fillOpacity: told.kind === "gate" ? 0 : 1 }).addTo(shown);
          const at = map.latLngToContainerPoint(spot), half = 9 * (told.name || "").length;
          const box = [at.x - half, at.y - 16, at.x + half, at.y + 16];
          if (!told.name || taken.some(function (one) { return one[0] < box[2] && box[0] < one[2] && one[1] < box[3] && box[1] < one[3]; })) return;
          taken.push(box);
          seen.add(told.name);
          const label = document.createElement("span");
          label.textContent = told.name;
          label.setAttribute("lang", "zh-CN");
          L.marker(spot, { interactive: false, keyboard: false, icon: L.divIcon({ className: gate ? "map-name map-name-gate" : "map-name", html: label, iconSize: null }) }).addTo(shown);
        });
      });
    };
  }

  return function (element) {
    const told = element.dataset, colour = colours(element), met = new Map(), drawn = L.layerGroup(), here = L.layerGroup();
    const bounds = told.bounds.split(" ").map(Number);
    const edge = L.latLngBounds([bounds[1], bounds[0]], [bounds[3], bounds[2]]);
    element.replaceChildren();
    const map = L.map(element, {
      preferCanvas: true, attributionControl: false, zoomControl: false, minZoom: 10, maxZoom: 18, maxBounds: edge.pad(0.5),
      zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false,
    });
    L.control.zoom({ zoomInTitle: told.zoomIn, zoomOutTitle: told.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: document.documentElement.dataset.edition === "elder" ? 260 : 120 }).addTo(map);
    const label = named(map, met);
    const ground = new Ground({ tileSize: SIDE, fetched: squares(told.ground), colour: colour, met: function (key, features) { met.set(key, features); } });
    drawn.addTo(map);
    here.addTo(map);
    if (told.view) {
      const view = told.view.split(" ").map(Number);
      map.setView([view[1], view[0]], view[2] || 15);
    } else {
      map.fitBounds(edge);
    }
    ground.addTo(map).on("load", function () { label(); element.dataset.ready = "true"; });
    map.on("moveend", label);

    // A tap, or Enter for the middle of the map when it has the focus. A tap that only closes what was open is none.
    function tapped(act) {
      let closing = false;
      element.classList.add("map-tapped");
      map.on("preclick", function () { closing = Boolean(element.querySelector(".leaflet-popup")); });
      map.on("click", function (event) { if (!closing) act(event.latlng.lng, event.latlng.lat); });
      element.addEventListener("keydown", function (event) {
        if (event.key !== "Enter" || event.target !== element) return;
        const middle = map.getCenter();
        act(middle.lng, middle.lat);
      });
    }

    function shape(feature, style) {
      const layer = L.geoJSON(feature, { style: style, interactive: false, pointToLayer: function (_one, spot) { return L.circleMarker(spot, style); } });
      return layer.addTo(drawn);
    }

    return {
      map: map,
      colour: colour,
      clear: function () { drawn.clearLayers(); },
      // Lines and areas as GeoJSON, in one colour: {colour, weight, opacity, fill, dash}.
      lines: function (geojson, style) {
        return shape(geojson, {
          color: style.colour, weight: style.weight || 3, opacity: style.opacity === undefined ? 1 : style.opacity,
          fill: Boolean(style.fill), fillColor: style.fill || style.colour, fillOpacity: style.fillOpacity || 0.2, dashArray: style.dash || null,
        });
      },
      // A place: a dot with its words, opened by a tap. words: an element, or a function that makes it.
      dot: function (lon, lat, style, words) {
        const dot = L.circleMarker([lat, lon], {
          radius: style.radius || 8, color: style.edge || colour("surface"), weight: style.line || 2, fillColor: style.colour, fillOpacity: 1, bubblingMouseEvents: false,
        });
        if (words) dot.bindPopup(words, { closeButton: false, className: "map-words", autoPanPadding: [16, 16] });
        return dot.addTo(drawn);
      },
      // Where one starts: a pointed sign, not a dot, so that colour is never all there is.
      here: function (lon, lat) {
        here.clearLayers();
        const sign = document.createElement("span");
        sign.className = "map-here-sign";
        L.marker([lat, lon], { interactive: false, keyboard: false, zIndexOffset: 1000, icon: L.divIcon({ className: "map-here", html: sign, iconSize: [28, 28], iconAnchor: [14, 14] }) }).addTo(here);
      },
      tapped: tapped,
    };
  };
})();

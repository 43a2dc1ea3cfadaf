"use strict";
// What the graph says comes as data and is only ever written with textContent or setAttribute.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const svg = byId("picture");

  const drawn = (parent, tag, attributes = {}, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  };
  const written = (parent, tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    parent.append(element);
    return element;
  };

  // --- colours ---

  const theme = data.theme;
  const root = document.documentElement;
  for (const name of ["background", "text", "muted", "edge", "scope"])
    root.style.setProperty(`--${name}`, theme[name]);
  root.style.setProperty("--scope-line", theme.scope_line);
  root.style.setProperty("--line", theme.scope_line);
  root.style.setProperty("--operation", theme.kinds.operation.line);
  root.style.setProperty("--mark", theme.mark);

  // --- the picture ---

  const world = drawn(svg, "g", { id: "world" });
  for (const scope of data.scopes) {
    const [x, y, width, height] = scope.box;
    const group = drawn(world, "g", { class: "scope" });
    drawn(group, "rect", { x, y, width, height, rx: 10 });
  }

  // Points lie along the graph's direction; an edge of a circle leads back, below the boxes.
  const along = (point) => (data.sideways ? point[0] : point[1]) * (data.backwards ? -1 : 1);
  const leadsBack = (points) => along(points[points.length - 1]) <= along(points[0]);
  const curve = ([x, y], [u, v], back) => {
    if (back && data.sideways) return `C${x + 60},${y + 90},${u - 60},${v + 90},${u},${v}`;
    if (back) return `C${x + 90},${y + 60},${u + 90},${v - 60},${u},${v}`;
    if (data.sideways) return `C${(x + u) / 2},${y},${(x + u) / 2},${v},${u},${v}`;
    return `C${x},${(y + v) / 2},${u},${(y + v) / 2},${u},${v}`;
  };
  const pathOf = (points) =>
    `M${points[0]}` + points.slice(1).map((p, i) => curve(points[i], p, leadsBack(points))).join("");
  const turn = data.sideways ? (data.backwards ? 180 : 0) : data.backwards ? 270 : 90;
  const arrowAt = ([x, y]) =>
    ({ points: "0,0 -7,-3.5 -7,3.5", transform: `translate(${x},${y}) rotate(${turn})` });
  const edges = []; // {source, target, element}
  const layer = drawn(world, "g");
  data.items.forEach((item, target) => {
    for (const operand of item.operands) {
      const element = drawn(layer, "g", { class: "edge" });
      drawn(element, "path", { d: pathOf(operand.points) });
      drawn(element, "polygon", arrowAt(operand.points[operand.points.length - 1]));
      if (operand.text) {
        const middle = Math.floor((operand.points.length - 1) / 2);
        const [[x, y], [u, v]] = operand.points.slice(middle, middle + 2);
        const down = leadsBack(operand.points) ? 80 : 0;
        drawn(element, "text", { x: (x + u) / 2, y: (y + v) / 2 - 5 + down, "text-anchor": "middle" },
          operand.text);
      }
      edges.push({ source: operand.source, target, element });
    }
  });

  for (const scope of data.scopes) {
    const [x, y] = scope.box;
    drawn(world, "text", { x: x + 12, y: y + 20, class: "title" }, scope.title);
  }

  const cards = data.items.map((item, i) => {
    const [x, y, width, height] = item.box;
    const style = theme.kinds[item.kind];
    const group = drawn(world, "g", { class: "item", "data-item": i });
    drawn(group, "rect", {
      x, y, width, height, rx: style.round ? 9 : 0, fill: style.fill, stroke: style.line,
      "stroke-width": style.width, "stroke-dasharray": style.dashed ? "5 3" : "none",
    });
    let line = y + 5;
    const put = (text, name) =>
      drawn(group, "text", { x: x + width / 2, y: (line += 17) - 4, "text-anchor": "middle",
        class: name }, text);
    if (item.operation) put(item.operation, "operation");
    (item.lines || []).forEach((text, k) => put(text, k === 0 && item.name ? "name" : ""));
    if (item.data) put(`data ${item.data[0]}`, "data");
    if (item.grad) put(`grad ${item.grad[0]}`, "grad");
    return group;
  });

  // --- pan and zoom ---

  const view = { x: 0, y: 0, scale: 1 };
  const show = () =>
    world.setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.scale})`);
  const zoom = (factor, x, y) => {
    const scale = Math.min(8, Math.max(0.02, view.scale * factor));
    const box = svg.getBoundingClientRect();
    const [u, v] = [x ?? box.width / 2, y ?? box.height / 2];
    view.x = u - ((u - view.x) * scale) / view.scale;
    view.y = v - ((v - view.y) * scale) / view.scale;
    view.scale = scale;
    show();
  };
  const fit = (least = 0) => {
    const box = svg.getBoundingClientRect();
    const [width, height] = data.size;
    view.scale = Math.min(1.5, (box.width - 24) / width, (box.height - 24) / height);
    if (view.scale < least) return centre(data.items.length - 1); // readable: begin at the output
    view.x = (box.width - width * view.scale) / 2;
    view.y = (box.height - height * view.scale) / 2;
    show();
  };
  const centre = (i) => {
    const box = svg.getBoundingClientRect();
    const [x, y, width, height] = data.items[i].box;
    if (view.scale < 0.7) view.scale = 0.9;
    view.x = box.width / 2 - (x + width / 2) * view.scale;
    view.y = box.height / 2 - (y + height / 2) * view.scale;
    show();
  };
  const inSight = (i) => {
    const box = svg.getBoundingClientRect();
    const card = cards[i].getBoundingClientRect();
    const wide = byId("panel").hidden ? 0 : byId("panel").offsetWidth + 24;
    return card.left >= box.left && card.right <= box.right - wide &&
      card.top >= box.top && card.bottom <= box.bottom && view.scale >= 0.35;
  };
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  let drag = null;
  svg.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, moved: false, item: event.target.closest(".item") };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true });
    svg.classList.add("dragging");
    view.x += dx;
    view.y += dy;
    show();
  });
  svg.addEventListener("pointerup", () => {
    if (drag && !drag.moved) choose(drag.item ? Number(drag.item.dataset.item) : null);
    drag = null;
    svg.classList.remove("dragging");
  });
  svg.addEventListener("pointercancel", () => { drag = null; });

  // --- one node ---

  let chosen = null;
  const titleOf = (i) => {
    const item = data.items[i];
    return [item.operation, item.name || (item.lines || [])[0] || (item.operation ? "" : item.kind)]
      .filter(Boolean).join("  →  ");
  };
  const goTo = (parent, i, text) => {
    const link = written(parent, "button", text, "link");
    link.addEventListener("click", () => { choose(i); if (!inSight(i)) centre(i); });
  };
  const fact = (list, name) => {
    written(list, "dt", name);
    return written(list, "dd");
  };
  const choose = (i) => {
    if (chosen !== null) cards[chosen].classList.remove("chosen");
    chosen = i;
    byId("panel").hidden = i === null;
    if (i === null) return;
    cards[i].classList.add("chosen");
    fill();
  };
  const fill = () => {
    const item = data.items[chosen];
    const facts = byId("facts");
    facts.replaceChildren();
    byId("name").textContent = titleOf(chosen);
    const list = written(facts, "dl");
    fact(list, "kind").textContent = item.kind;
    if (item.lines && item.lines.length > (item.name ? 1 : 0))
      fact(list, item.kind === "module" ? "module" : "shape").textContent =
        item.lines.slice(item.name ? 1 : 0).join("; ");
    if (item.static) fact(list, "with").textContent = item.static;
    if (item.source) written(fact(list, "source"), "pre", item.source);
    if (item.data)
      written(fact(list, "data"), "pre", hasData(chosen) ? item.data[1] : "not computed yet");
    if (item.grad)
      written(fact(list, "gradient"), "pre", hasGrad(chosen) ? item.grad[1] : "not computed yet");
    if (item.stored) written(fact(list, "in .grad"), "pre", item.stored[1]);
    if (item.operands.length) {
      const place = fact(list, "computed from");
      for (const operand of item.operands) {
        const line = written(place, "div");
        goTo(line, operand.source, titleOf(operand.source));
        if (operand.factor)
          written(line, "span", ` local derivative ${operand.factor}`);
      }
    }
    const uses = edges.filter((edge) => edge.source === chosen);
    if (uses.length) {
      const place = fact(list, "used by");
      for (const { target } of uses) goTo(written(place, "div"), target, titleOf(target));
    }
  };

  // --- the forward and the backward pass, step by step ---

  const F = data.steps.length;
  const backwards = data.steps.filter((i) => data.items[i].grad).reverse();
  const steps = backwards.length ? F + 1 + backwards.length : F;
  const END = steps + 1; // everything is there, nothing is highlighted
  const computedAt = data.items.map(() => 0);
  data.steps.forEach((i, k) => { computedAt[i] = k + 1; });
  const computed = new Map(); // a copy of a result is there when the result is
  data.items.forEach((item, i) => {
    if (item.leaf !== undefined && item.kind !== "copy") computed.set(item.leaf, computedAt[i]);
  });
  data.items.forEach((item, i) => { if (item.kind === "copy") computedAt[i] = computed.get(item.leaf); });
  const gradAt = data.items.map(() => F + 1); // for what no step sends a gradient to: the outputs
  backwards.forEach((i, k) => {
    for (const operand of data.items[i].operands) gradAt[operand.source] = F + 2 + k;
  });
  const shared = new Map(); // and has its gradient, as the copies of a leaf have theirs
  data.items.forEach((item, i) => {
    if (item.leaf !== undefined) shared.set(item.leaf, Math.max(shared.get(item.leaf) ?? 0, gradAt[i]));
  });
  data.items.forEach((item, i) => { if (item.leaf !== undefined) gradAt[i] = shared.get(item.leaf); });
  let now = END;
  const hasData = (i) => computedAt[i] <= now;
  const hasGrad = (i) => gradAt[i] <= now;
  const currentOf = (step) =>
    step < 1 || step > steps ? null
      : step <= F ? data.steps[step - 1]
      : step === F + 1 ? null : backwards[step - F - 2];

  const statusOf = () => {
    const current = currentOf(now);
    if (now === 0) return "before the first step: only what is given";
    if (now === END) return backwards.length ? "after the forward and the backward pass" : "after the forward pass";
    if (now <= F) {
      const data = cards[current].querySelector(".data");
      return `forward ${now} of ${F}: ${titleOf(current)}${data ? `, ${data.textContent}` : ""}`;
    }
    if (now === F + 1) return "backward starts: the outputs' gradient is 1";
    return `backward ${now - F - 1} of ${backwards.length}: ${titleOf(current)}${sent(current)}`;
  };
  // The chain rule with its numbers, where they are scalars.
  const sent = (i) => {
    const item = data.items[i];
    if (!item.grad || !item.operands.some((x) => x.factor)) return "";
    return item.operands.filter((x) => x.factor).slice(0, 3)
      .map((x) => `;  ${item.grad[0]} × ${x.factor} to ${titleOf(x.source)}`).join("");
  };
  const go = (step) => {
    now = Math.max(0, Math.min(END, step));
    const current = currentOf(now);
    cards.forEach((card, i) => {
      card.classList.toggle("later", !hasData(i));
      card.classList.toggle("current", i === current);
      card.querySelector(".data")?.classList.toggle("future", !hasData(i));
      card.querySelector(".grad")?.classList.toggle("future", !hasGrad(i));
    });
    for (const { target, element } of edges) {
      element.classList.toggle("later", !hasData(target));
      element.classList.toggle("current", target === current);
    }
    byId("slider").value = now;
    byId("status").textContent = statusOf();
    if (current !== null && !inSight(current)) centre(current);
    if (chosen !== null) fill();
    if (now === END) pause();
  };
  let timer = null;
  const pause = () => {
    clearInterval(timer);
    timer = null;
    byId("play").textContent = "▶ play";
  };
  const play = () => {
    if (timer) return pause();
    if (now === END) go(0);
    byId("play").textContent = "‖ pause";
    timer = setInterval(() => go(now + 1), Math.max(60, Math.min(900, 30000 / END)));
  };

  // --- search ---

  let hits = [];
  let hit = 0;
  const words = data.items.map((item) =>
    [item.operation, item.kind, item.static, item.source, ...(item.lines || [])].join(" ").toLowerCase());
  const search = () => {
    const wanted = byId("search").value.trim().toLowerCase();
    hits = wanted ? words.flatMap((text, i) => (text.includes(wanted) ? [i] : [])) : [];
    hit = 0;
    cards.forEach((card) => card.classList.remove("hit"));
    for (const i of hits) cards[i].classList.add("hit");
    world.classList.toggle("faded", hits.length > 0);
    byId("found").textContent = wanted ? (hits.length ? `${hits.length} found` : "nothing found") : "";
  };
  byId("search").addEventListener("input", search);
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && hits.length) {
      const i = hits[hit++ % hits.length];
      byId("found").textContent = `${((hit - 1) % hits.length) + 1} of ${hits.length}`;
      choose(i);
      centre(i);
    }
    if (event.key === "Escape") {
      byId("search").value = "";
      search();
      svg.focus();
    }
    event.stopPropagation();
  });

  // --- buttons and keys ---

  const stepTo = (step) => { pause(); go(step); };
  byId("slider").max = END;
  byId("slider").addEventListener("input", (event) => stepTo(Number(event.target.value)));
  const actions = {
    first: () => stepTo(0), back: () => stepTo(now - 1), play, next: () => stepTo(now + 1),
    last: () => stepTo(END), out: () => zoom(1 / 1.3), in: () => zoom(1.3), fit: () => fit(),
    close: () => choose(null),
  };
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
  const keys = {
    Home: "first", ArrowLeft: "back", " ": "play", ArrowRight: "next", End: "last", "-": "out",
    "+": "in", "=": "in", 0: "fit", Escape: "close",
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      byId("search").focus();
    } else if (keys[event.key]) {
      event.preventDefault();
      actions[keys[event.key]]();
    }
  });
  window.addEventListener("resize", () => fit(0.3));

  // --- legend and notes ---

  for (const [kind, text] of data.legend) {
    const style = theme.kinds[kind];
    const sample = written(byId("legend"), "span", text, "sample");
    sample.style.background = kind === "operation" ? "transparent" : style.fill;
    if (kind === "operation") sample.style.color = style.line;
    else sample.style.border = `${style.width}px ${style.dashed ? "dashed" : "solid"} ${style.line}`;
    if (kind === "operation") sample.style.fontWeight = "bold";
    sample.style.borderRadius = style.round ? "7px" : "0";
  }
  written(byId("legend"), "span", "click a box for details · ← → step · space play · / search · 0 fit");
  for (const note of data.notes) written(byId("notes"), "div", note);
  fit(0.3);
  go(END);
})();

// What the browser keeps, which may be switched off, full, or hold something of an older version.

/** Where a value lives: in this browser, or in this tab until it is closed. */
const AREAS = { browser: () => localStorage, tab: () => sessionStorage };

export function recall(key, area = "browser") {
  try {
    return JSON.parse(AREAS[area]().getItem(key));
  } catch {
    return null;
  }
}

/** True when the value was kept; a page that cannot keep things still works. */
export function remember(key, value, area = "browser") {
  try {
    AREAS[area]().setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key, area = "browser") {
  try {
    AREAS[area]().removeItem(key);
  } catch {
    // Storage is switched off, so nothing was kept.
  }
}

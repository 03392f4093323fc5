// Offers the browser's time zone beside the list of all zones, which works without it.
function offerZone() {
  const button = document.querySelector("[data-zone-offer]");
  const list = button && document.getElementById(button.dataset.zoneOffer);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!list || list.value === zone || ![...list.options].some((o) => o.value === zone)) return;
  button.textContent = button.textContent.replace("{zone}", zone.replaceAll("_", " "));
  button.hidden = false;
  button.addEventListener("click", () => {
    list.value = zone;
    button.hidden = true;
    list.focus();
  });
}

offerZone();
document.addEventListener("htmx:after:swap", offerZone);

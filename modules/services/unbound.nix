# Unbound's trust in DNSSEC: the root's keys by their hashes, as IANA publishes them. The keys of 2017
# and 2024 are both there; the latter signs since October 2026. NixOS's default asks the internet for
# them before the resolver starts, and a host whose uplink is down at boot would be without names.
{
  services.unbound = {
    enableRootTrustAnchor = false;
    settings.server.trust-anchor = [
      ''". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"''
      ''". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"''
    ];
  };
}

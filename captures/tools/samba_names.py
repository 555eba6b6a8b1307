"""nmbd with its own configuration and state in a lab's temporary directory: for nbns/ and browser/."""


def start(net, host, name, *settings):
    """Leave nmbd running as NetBIOS name `name`."""
    home = net.home / host
    home.mkdir()
    for folder in ("private", "lock", "state", "cache", "pid", "ncalrpc"):
        (home / folder).mkdir()
    configuration = home / "smb.conf"
    configuration.write_text("\n".join([
        "[global]", f"netbios name = {name}", "workgroup = PLANT", "log level = 0", f"log file = {home}/log", f"private dir = {home}/private",
        f"lock directory = {home}/lock", f"state directory = {home}/state", f"cache directory = {home}/cache", f"pid directory = {home}/pid",
        f"ncalrpc dir = {home}/ncalrpc", "interfaces = eth0", "bind interfaces only = yes", *settings, ""]))
    process = net.start(host, "nmbd", "--foreground", "--no-process-group", "--configfile", configuration)
    net.listens(host, 137, "udp")
    return process

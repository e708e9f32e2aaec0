//! From a cordon that has been taken over: what it may ask the kernel for.

mod forgery;

crate::attacks! {
    become_dumpable,
    become_root,
    create_file,
    datagram_socket,
    execve,
    kill_all,
    kill_first,
    kill_parent,
    list_root,
    memory_file,
    mount,
    open_above,
    open_own_memory,
    open_passwd,
    open_proc,
    pidfd,
    ptrace_attach,
    ptrace_me,
    read_memory,
    socket_pair,
    spawn,
    tcp_socket,
    udp_socket,
    unix_socket,
    unshare,
}

// What bindgen makes of the public headers, linked with the shared library: values, functions, a record.
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case, dead_code)]

include!(concat!(env!("BINDINGS"), "/bindings.rs"));

fn text_of(address: &sn_ip_address) -> String {
    let mut text = [0u8; 64];
    unsafe {
        assert_eq!(0, sn_ip_address_format(address, text.as_mut_ptr() as *mut _, text.len() as _));
    }
    let end = text.iter().position(|&byte| byte == 0).unwrap();
    String::from_utf8(text[..end].to_vec()).unwrap()
}

fn main() {
    unsafe {
        assert_eq!("127.0.0.1", text_of(&SN_IPV4_LOOPBACK));
        assert_eq!("0.0.0.0", text_of(&SN_IPV4_ANY));
        assert_eq!("255.255.255.255", text_of(&SN_IPV4_BROADCAST));
        assert_eq!("255.255.255.255", text_of(&SN_IPV4_NONE));
        assert_eq!("::1", text_of(&SN_IPV6_LOOPBACK));
        assert_eq!("::", text_of(&SN_IPV6_ANY));
        assert_eq!("::", text_of(&SN_IPV6_NONE));
        assert_eq!(1074030207, SN_IO_CONTROL_DATA_TO_READ);
        assert_eq!(1074033415, SN_IO_CONTROL_OOB_DATA_READ);

        let mut pair: [*mut sn_socket; 2] = [std::ptr::null_mut(); 2];
        assert_eq!(0, sn_socket_pair(sn_socket_type_SN_TYPE_STREAM, pair.as_mut_ptr()));
        let mut operation: sn_operation = std::mem::zeroed();
        let mut data = [0u8; 16];
        let none = 0; // no flags
        sn_socket_receive_async(pair[1], data.as_mut_ptr() as *mut _, data.len() as _, none, &mut operation);
        assert_eq!(0, sn_socket_send(pair[0], b"hello".as_ptr() as *const _, 5, none, std::ptr::null_mut()));
        assert_eq!(0, sn_operation_wait(&mut operation));
        assert_eq!(5, operation.transferred);
        assert_eq!(b"hello", &data[..5]);
        sn_socket_release(pair[0]);
        sn_socket_release(pair[1]);
    }
    println!("ok: values, a record and a socket, from Rust");
}

// Rows as Tools/fingerprints/generate.py writes them; do not edit.

extension CythonHelperTable {
  /// One helper a line, with the fingerprints of its features in the builds of the matrix.
  static let rows = """
    __Pyx_AddTraceback 250e81ace2bf73ee 3f1904c6a31e2078 55ec9981bef96f6c a679b4f91235d620
    __Pyx_AddTraceback a67d1ef91238c015 b21591b94e9ac36f
    __Pyx_BinopTypeError 7027c685ac62f077
    __Pyx_CalculateMetaclass 485f9f461d721ffe b20e8163e8554f8b d33e8b883c5fd1d7
    __Pyx_CallNewInitFromVectorcall 14cb0e438facef40
    __Pyx_CallTpnewAsVectorcall c0b73afaac829dc0
    __Pyx_CheckKeywordStrings dc8524ffd2dc5e6a
    __Pyx_Coroutine_ExceptionClear ab739048ce8e051b
    __Pyx_Coroutine_Yield_From 951370b55d4138b8 ce381d0e2f43e378
    __Pyx_Coroutine_Yield_From_Coroutine 2b370deef0336afa
    __Pyx_Coroutine_await 7e20be12357407b6 abce0956dd209912
    __Pyx_Coroutine_unset_is_running.part f81dd683dc49bf30
    __Pyx_CyFunction_InitDefaults fa6de473ccbb67ee fa74ac73ccc12774
    __Pyx_CyFunction_New 290157d9043e0151 454eeca8dfad1d02 9c46c00054f37221 a56ef1cfa1518f8e
    __Pyx_CyFunction_annotate_impl d6a8a17fba69bc2d f8bffa7fd5f7dc28
    __Pyx_DelItemInt_Fast 233aab16e1a1e340
    __Pyx_ExceptionSwap 49c5eee13a020c9e
    __Pyx_Generator_GetInlinedResult be6b9cff5abbcddf
    __Pyx_Generator_GetInlinedResult.part f8958fa6cadfb530
    __Pyx_Generator_Next 1ab4fecd7e25d63a 39fe76acf7103ce2 43d1cc4dcdd209b6 64424f62c8cafaa4
    __Pyx_Generator_Next 73a941489dd70877 7725142fba3483d 7c6141d64b64eb63 7de923ae30d6772c
    __Pyx_Generator_Next 900835fd5b948592 9b55724675cfd73d b629e9b8cd49de04 b971f7d6183dc8c3
    __Pyx_Generator_Next ccd425818e331771 ced893145570dcef d34b6de19732e4d dd0b581ce09e282e
    __Pyx_Generator_Next e197fe60a4831c87 e493e9645acbea79 ea299bc64d6a09aa f5db63194da1671
    __Pyx_Generator_Next f8e142a28e782b06 f9dbd1724e174675
    __Pyx_Generator_Replace_StopIteration 2219d7d789a1b613 2e2078db706accfd 46976190507a0a58
    __Pyx_Generator_Replace_StopIteration 518239610987fbc8 58a7f15d1fa8f088 68f1319b194cf490
    __Pyx_Generator_Replace_StopIteration 6937283d1f080a99 6aac619844830a55 9136a1876e40cf8f
    __Pyx_Generator_Replace_StopIteration bf0c092654023875 cd08626d0cd05862 ee2c41cf3b4a9ef1
    __Pyx_Generator_Replace_StopIteration ee603a8d6e98247b efd1cbdb80a89eb1 f311ba112bdabf15
    __Pyx_Generator_Replace_StopIteration fb3dab27762726e
    __Pyx_Generator_Yield_From 3e8e0324bd5ba756 9a20f8af13981af1 d53e9ec00bf45717
    __Pyx_GetAttr3 da4596477d802aca
    __Pyx_GetAttr3Default 1f36e6aa4cd6c488 2315c907a4e52681
    __Pyx_GetBuiltinName 1f3d4c4ff30f7107 241ac36c4b78139e 57019180dd46f37d 64121be59b72bd59
    __Pyx_GetBuiltinName 69ac7607453fdba6 6f28b1759ccc660e 7202cf50b75ea6df 731d9d90fc7d6c94
    __Pyx_GetBuiltinName 7a93622516607217 813178966720b315 84cc5dd1a4437fab 9f8fa463088fda27
    __Pyx_GetBuiltinName acfa4a5812ce8f31 bf7b9bae1769605c c8fad971e627228c c97b85a20da3634
    __Pyx_GetBuiltinName e227d5bcd3c52e2a
    __Pyx_GetException 2bf2c6d666d6d8bb
    __Pyx_GetItemInt_Fast 37eb25ee8e8739d5 3fb0f9ff2f3f5b07 4a2d1ad22ea964be 4ace78ef633c241d
    __Pyx_GetItemInt_Fast 5d77527a14424128 7c344ea42c186679 9c7051d0ede55da2 ef61c5f293cd0ef3
    __Pyx_GetItemInt_Fast ff16cd326ca7ea39
    __Pyx_GetItemInt_Fast.part 69643da23a956237
    __Pyx_GetItemInt_List_Fast ad538d99a11d0e2e
    __Pyx_HasAttr b0e4f40f21286d36 d4ed2e8e6008ad8b
    __Pyx_Import df7d797ee838f296 df84417ee83eb21c df87bb7ee841b741 df8e837ee84776c7
    __Pyx_Import e8c5eb0d310adb2e e8c94d0d310db78b e8ccb30d31109ab4 e8ddb50d311f114d
    __Pyx_ImportDottedModule 7a1c32c7027b24b a087746b5b568340 ac6e4223c68f3445
    __Pyx_ImportFrom 2998ef919d613501 f7e763c731509d9b
    __Pyx_IsAnySubtype2 d31560829c8bb4dd e0bde17d1064f84a f7258c56de3020e4
    __Pyx_IterFinish 6b56f57f9051c872 77bf482208cb23d7 7855120e433be58f 8f08e67b3de69f46
    __Pyx_IterFinish a798a50a6b8bac5f a8507366895a7b86 a9a2ef30c1ccd8b ab9372c4ecc7aba0
    __Pyx_IterFinish e03fdfed0d7b8019 e212cf43578c82fa f8950d3e3e10f841 fe015e669904365f
    __Pyx_IterFinish.part b4cb06558e7d6331
    __Pyx_IternextUnpackEndCheck 9c50c33a45164992 a5e17f174db14595
    __Pyx_IternextUnpackEndCheck.part 493b458a8bc2827a
    __Pyx_MatchKeywordArg_nostr 9a7102de09fe3fc6
    __Pyx_MatchKeywordArg_str 15180864f0e6176 641f57af21894a07
    __Pyx_MergeKeywords 203c3e8d1bd81eb7 77b37eb4d075efc6 f3526785e5ddaf19
    __Pyx_MergeKeywords.part 604157930bb93fe0
    __Pyx_MergeKeywords_any 4284b14f9146fc31 66389664747668e3 677e0026873c0a2c a52610ed058f8424
    __Pyx_MergeKeywords_any f92c3fe09c70e9d2
    __Pyx_MergeKeywords_dict b2fb9d5502dbe65
    __Pyx_Method_ClassMethod 201480c1f569d979 40c71dea7b5074aa 4c3c15ed2e5e0e3e 5f74cf4ce8822c79
    __Pyx_Method_ClassMethod bcaa09b178660b60
    __Pyx_NonPyLong___Pyx_PyLong_As_int b892ae6e30e267fc
    __Pyx_PEP560_update_bases 2c52e639fe2e7431 3e9ec8945247be86 59e1dc966071441a 62e770650e2841a6
    __Pyx_PEP560_update_bases 79b7dbe0a5883382 860675b0c8a5f52f 92debbe294a8e23a a86d7baee972f379
    __Pyx_PEP560_update_bases aad22cdbfd92b61a c65780f9fe471ccd d0901d60f4b3c658 de7fb4d1a95d2a27
    __Pyx_PEP560_update_bases fa27b8949bf6c03b fe97b474b0adcabe
    __Pyx_ParseKeywordDict f998f69c6c1d6fc5
    __Pyx_ParseKeywordDictToDict 2e089aa2adbb7601
    __Pyx_ParseKeywords 6c29c1f802f8c40e e30ca08aba1a1951
    __Pyx_ParseKeywords.part 87de60ea5d9665dc
    __Pyx_ParseKeywordsTuple 6a4be0a813344b68 7b6fa0824c59b13d 9bc9582d12082978 de342dda61140260
    __Pyx_ParseOptionalKeywords 16a6f39225f6b774 191074b9926631bf 6134fbefb5b714e 8f0e882e2c2b91fe
    __Pyx_Py3ClassCreate 18d2002477217312 339b57c27523fb92 4c25f02b55478cb8 4f3bed1af930ce68
    __Pyx_Py3ClassCreate 50cd5681deb05e73 558ebd0b449852c 910f00511f53ba81 eeae1216282a83fa
    __Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict 2e7bde8b52562b4c a9bb089f80501bf9
    __Pyx_Py3MetaclassGet 3f239adaac31ae36 d5d4eb8bdec2c7e7
    __Pyx_Py3MetaclassPrepare 107ad95bb30d5f5f 1b126d6388fc1e1c 33a711d74589ed67 350973383b9e10c2
    __Pyx_Py3MetaclassPrepare 3701dd105414da4f 3f96129e6925d574 43fdb6fa7800d82 493e5d3ad7e03df2
    __Pyx_Py3MetaclassPrepare 4d1b44a5d2e04cf3 6a763c6c71a7083f 760243933342b4 85a4fda2f315976c
    __Pyx_Py3MetaclassPrepare 941c5b448ca271b5 9d405d6fac5dae0d ac68dcf60dad470c bb4cba8f2d646b52
    __Pyx_Py3MetaclassPrepare c5f6e7106d011940 e8ddfd2cd467993 eb427cafd203efba ecaa073db51290ca
    __Pyx_Py3MetaclassPrepare f9ec440744a5c2b1
    __Pyx_PyBool_FromLong 3000b2535e474e7b
    __Pyx_PyBool_FromLong.part a5ffae764eaa386d
    __Pyx_PyBytes_Equals a17aa36a47b8e155
    __Pyx_PyDict_GetItem 9b2be2773f1e86bf a681a21cf53fd9
    __Pyx_PyDict_GetItemRef 7ab10b9f06228541
    __Pyx_PyErr_GivenExceptionMatches 1adfd6a4cd035ab3 1ca405524c6388e2 2c53294f9c9d4b70
    __Pyx_PyErr_GivenExceptionMatches 2fe68f17f9d94715 3ec0bfa4898069ce 4351e4186f6183bf
    __Pyx_PyErr_GivenExceptionMatches 4bbff3f3df219886 52fc3310cbf1f5dd 6199f16c9aededda
    __Pyx_PyErr_GivenExceptionMatches 905477a53fa3227d 9a111bde8783ecd2 9c7355ec980617cf
    __Pyx_PyErr_GivenExceptionMatches a3940521636b0995 a7a79747cfc1a579 aad2729d0212e67
    __Pyx_PyErr_GivenExceptionMatches afd9de65a637a97d b1e551e2247dd86e ce8a4bc1ef0746a4
    __Pyx_PyErr_GivenExceptionMatches d177cb6fd679138f dc3d3e7f9eaaf4d5 e6b04d5d08aeee9e
    __Pyx_PyErr_GivenExceptionMatches ebb11a87e3e3f61e edef9ad4b290f736 faedb97648792c5a
    __Pyx_PyErr_GivenExceptionMatches2 527b06b5934dd20
    __Pyx_PyErr_GivenExceptionMatches2.part 272a93970fdfbc
    __Pyx_PyErr_GivenExceptionMatchesTuple 70897881785e8078
    __Pyx_PyGen__FetchStopIterationValue 23cc0cd467f927a1 2c34262eff03c2a0 9c808b70d32e36d3
    __Pyx_PyGen__FetchStopIterationValue 9de6e0c5a6f4b173 d613adf2e6521211
    __Pyx_PyImport_AddModuleRef 51f9b19809a28171
    __Pyx_PyIndex_AsSsize_t 5683f626b2456a65
    __Pyx_PyInt_FromNumber b8fe3fd4babc9e74
    __Pyx_PyIter_Next2 8c0c6da9b53946b9
    __Pyx_PyIter_Next2Default a335bf1e286a2dd6
    __Pyx_PyIter_Next_Plain.part e6971a338644503f
    __Pyx_PyList_FromArray 29fb319f3b1e72b1
    __Pyx_PyList_Pack 12074c652e580dbe 121836652e665b8f 6baea81ffaef62c5 74df6b87574e3f1
    __Pyx_PyLong_AbsNeg 1abc23daa18149f0 dd65083ff5657bfb
    __Pyx_PyLong_As_int 1ea81d78775833c7
    __Pyx_PyLong_As_long 306265d85c7f4c7a
    __Pyx_PyMethod_New 389db0fde11ee4
    __Pyx_PyNumber_IntOrLong 1b2552d765367f14
    __Pyx_PyNumber_IntOrLongWrongResultType 5c87a2d16970a9a9
    __Pyx_PyNumber_LongWrongResultType 98481d8225ef118d
    __Pyx_PyNumber_Multiply_xint_float 5d3e22c08f7fc842
    __Pyx_PyNumber_Multiply_xint_int 7bd334e8accb6796
    __Pyx_PyNumber_Multiply_xint_object 9e4de4935a055116
    __Pyx_PyObject_Append 50703d471a454a63 816ec635331d277e e5d491372feae78a
    __Pyx_PyObject_Call 6d81e2af140a6b6d a304fd5c174845b8
    __Pyx_PyObject_Call2Args 3904087fb1c43bc9
    __Pyx_PyObject_CallMethO c90bc4a3ae1d4cc4
    __Pyx_PyObject_CallNoArg 3fb602e329706884 412e9f194fbdcb77 6095eacdd2ff5e7b
    __Pyx_PyObject_CallOneArg 5237acf68933093f dbe82349e2b15621
    __Pyx_PyObject_CompareEq_object_object 4d37975eebf1aedd
    __Pyx_PyObject_FastCallDict 1bf8ce991242932e 3b50f952cd80d2cb 44dfea45ca3858e7
    __Pyx_PyObject_FastCallDict 6dc10e852570523d 751de819771544b2 82d34e33556f74f4
    __Pyx_PyObject_FastCallDict 984c3995a2d49afd 9bded56eae516cee ad648209dcac795d
    __Pyx_PyObject_FastCallDict bf2389ab9b5cf86e d7bd6bc73e58f343 da9b6db8209fa4d4
    __Pyx_PyObject_FastCallDict e886e466cd96391d
    __Pyx_PyObject_FormatAndDecref f22ecc56205d2a04
    __Pyx_PyObject_FormatSimpleAndDecref 6db420a757f3f78f
    __Pyx_PyObject_GetAttrStr bccfadcd989c1ec3
    __Pyx_PyObject_GetAttrStrNoError 137c1bdff70176ea 42eebfc437af01ec 43b88ddbe114a75c
    __Pyx_PyObject_GetAttrStrNoError 5993c5e915f6e5b 5b903a988fc8d204 808fb6d8075727c1
    __Pyx_PyObject_GetAttrStrNoError 95063abcd6b129a6 a33d6e54183605e6 db7d749fbfa3d04c
    __Pyx_PyObject_GetAttrStrNoError f4e71ff64bac4d2e
    __Pyx_PyObject_GetAttrStr_ClearAttributeError 38a10b1b300cc634 570393ace16c714b
    __Pyx_PyObject_GetItem 10562d548d790a9b 16caf4b4ca8a50d0 174d96ca2501ab15 207b137c8189a994
    __Pyx_PyObject_GetItem 24251cea29a1440d 2531b17c8820d6ab 2820cdfafc2a1aa1 2d6729c9d48b4905
    __Pyx_PyObject_GetItem 346a3600897e8042 3d4ce9500d004590 4259a953e952cd5e 450fce8e508c1aa1
    __Pyx_PyObject_GetItem 4921b96958e7af16 4bb1ebe6a63f0554 539463c35561b19d 53a33e8dfc3a0822
    __Pyx_PyObject_GetItem 68beb7f468c11584 6cceb3eee5c305e7 713b307384ed24b1 762d0ea7df793f40
    __Pyx_PyObject_GetItem 82b3bc3e8abfe95a 86916729d968d4bc 96e4fd1d870ebbf0 9837e0040b2ba990
    __Pyx_PyObject_GetItem 9c50839ee271e6b1 a3eb175e2a5a7273 ae998192bd70f3a9 b3237b3a6b51cbfe
    __Pyx_PyObject_GetItem b4b0deac56437bc0 c42b1359c452497f c669b7cd9b2da043 cdbf8d4f97725edd
    __Pyx_PyObject_GetItem d37c30433d326318 d56b7f87b169b1dd e955a354ba25a2a1 e9c79695027bde9b
    __Pyx_PyObject_GetItem ee2b946faf726717 ef114e8d006764e9 f05b84f5af53872f f94fa578e272863e
    __Pyx_PyObject_GetItem fa0be7c8ad654296
    __Pyx_PyObject_GetMethod 64786fd3413c8967 8a5841d79e1d0b79 a388e985228d85d8 fa93ae58ca51dffe
    __Pyx_PyObject_GetSlice 48113e1fe87e62b5 bc0741e05036d06 efb39579dbabf9a
    __Pyx_PyObject_IsTrue 88ffab2b69ea4f2
    __Pyx_PyObject_IsTrueAndDecref 7c2b821dd6ccc373
    __Pyx_PyObject_LookupSpecial 3f3e423a4f070d37 e74d3233ee65fea2
    __Pyx_PyObject_SetAttrStr aa69ae6f8571a797
    __Pyx_PyObject_SetSlice 1ec787bb9cd7051
    __Pyx_PySet_DiscardUnhashable e12d4c66abab7979
    __Pyx_PyTuple_FromArray 5c085e738781faef de2f235f4fa5ad4a
    __Pyx_PyUnicode_AsDouble_WithSpaces 14c92d7502ca5a68 a8ea5c39e4f98e0
    __Pyx_PyUnicode_ConcatInPlaceImpl 5adc4da4c62f379d d3219447e44b3aa3
    __Pyx_PyUnicode_ConcatInPlaceImpl.part 7a2aca59dd5777ce
    __Pyx_PyUnicode_Equals 18c9ffbad2465707 3d7dd6ad098cb108 5001900675705c11 53b6c278662523a6
    __Pyx_PyUnicode_Equals 6b64eb6dc6c93331 bdf9d6fe729a1360 d2a54c9aaf6f853e d4ae51da94fd9c
    __Pyx_PyUnicode_Equals e9d3152254c23818 ef4d777172ba17c7 f26ce5eea299bbc6 f4404f5637d701dd
    __Pyx_PyUnicode_Equals f794e37b59e0ee6a
    __Pyx_PyUnicode_Join 1c55992dc80b406e 20784878a998dc6c 329d8017707b9131 487313dd6e0035d2
    __Pyx_PyUnicode_Join 4ac45cfc72e2fd62 5ec78bf5b01402e 6e459b5dc7103b92 865f861c091ee28d
    __Pyx_PyUnicode_Join 8b9723d3cc8b1ed2 a7809e4d3b5229b1 be0ad20dd6a226c2 d184229e9de3fa4b
    __Pyx_Raise 1c4a7f9dbeeddf3e 28030ebcd5537e78 366e05a347802ea8 3da57e09d58bd1b8
    __Pyx_Raise 3eac6bd478411bef 8b21ebeec53f927e 9c1c7dcb2c63a2e 9c2ceefd92e823e8
    __Pyx_RaiseArgtupleInvalid a157e35bb812932d
    __Pyx_RaiseNeedMoreValuesError ea57fae2afbaaf59
    __Pyx_RaiseUnexpectedTypeError 106b2ebb5762e43c 878cc4e4f55946da
    __Pyx_RejectUnknownKeyword 8ace697c39a79d08 a65568c2d465c4c d5b73b4866c675dc
    __Pyx_SelflessCall 418d8ac62e8380c3 5d105b0b253f4a49
    __Pyx_SetItemInt_Fast 12f0ddb9b45365a5 8660fab0fb6a13a4 892f7728b947ec38
    __Pyx_SetNewInClass 9bd3024b1a031956 cec7015ac1dc2a13
    __Pyx_TryUnpackUnboundCMethod 12b61e0ce3490683 1ef5d81af9c94697 30be3862fb81555
    __Pyx_TryUnpackUnboundCMethod 483baadd4daf180 67b344faf2599118 77d85a567a3ca2ad
    __Pyx_TryUnpackUnboundCMethod bbe2f16e9bee6cf6
    __Pyx_UnicodeKeywordsEqual.part 638b4708b0e0023d a355bac250edd467 bf33356b04f1d964
    __Pyx_UnicodeKeywordsEqual.part ebf5cb28a74fdbb7
    __Pyx_VerifyCachedType cdb5a9270e90bfa9
    __Pyx__ArgTypeTest a793d8fd04419923
    __Pyx__CallUnboundCMethod0 5cb9d012614380e9 8c6f26b8c897633d ac377427882aa0a0
    __Pyx__CallUnboundCMethod1 12e4aaf7b05de9b1 14b238625c78d338 8c214d248864bf66 b1969670d5e86b51
    __Pyx__Coroutine_GetAwaitableIter 5983b50a3f4258da 5e35818cd9cc85a5 aae9f7a151b8214c
    __Pyx__Coroutine_GetAwaitableIter c8124846198eacdf
    __Pyx__Coroutine_MethodReturnFromResult e12de737b987e6a0
    __Pyx__Coroutine_New f7c64a30cd19e7f3
    __Pyx__Coroutine_NewInit 8f5ed8747b54fd5a
    __Pyx__GetException 3b787d1bc5f8ed44
    __Pyx__GetModuleGlobalName 30759ef802b2f83d 336e017d6837e178 36970979003fd771 3e4777950f4533a6
    __Pyx__GetModuleGlobalName 5746d49ce8f1fc9b 5ba6d2a5852298d9 6276cf5380bca53 731f17317056aa9b
    __Pyx__GetModuleGlobalName 7365fa139e421aae 7ee433cb498ca40b 8f66b0510f26c626 920944d84b924c64
    __Pyx__GetModuleGlobalName 92578f8130420940 94c0eafceb93d3b 9b5acd3a8d30b2f3 a995b60e731616f1
    __Pyx__GetModuleGlobalName df77c6046bb7b6b6 e3e964f554f60e4a fa3b041fbe3d8b8c
    __Pyx__Import 53ff24bb94e32bf2 5405fcbb94e906a8 540966bb94ebf09d 937a15f5d4a0137e
    __Pyx__Import 938e75f5d4b15fa8 a33732b643fd73a9 a33a98b6440056d2 d4b89c660aa1b16
    __Pyx__Import d4eebc660acf773 d5251c660afda9c d6353c660be5135
    __Pyx__PyBytes_AsDouble c321f4439245c951
    __Pyx__PyBytes_AsDouble_Copy c29309bbaed099c4
    __Pyx__PyFloat_FromNumber 9d441c22e7400ff6
    __Pyx__PyInt_FromNumber 3f4ffda62809150d
    __Pyx__PyList_PopIndex 460aabf0a0240991 522c7b5636f6a210 9eb3b5c9f49b9993
    __Pyx__PyNumber_Add_int_int 6324c8dc75c31db2
    __Pyx__PyNumber_Add_object_int 4748f78c9441b57a
    __Pyx__PyNumber_Add_object_object 50aae64552ec8b42 5e893750ded99c42 dc927d71dab68816
    __Pyx__PyNumber_And_int_int 971def24ba149750
    __Pyx__PyNumber_Float 2d1b9cc774099e18
    __Pyx__PyNumber_Multiply_object_object 68a10d157d2d1b7d f52580a29031d812
    __Pyx__PyNumber_Or_object_object e90e362d765189ce
    __Pyx__PyNumber_Subtract_object_object 38af6d42ce871681
    __Pyx__PyObject_AsDouble 89e25f0a9f44054d aa161f8a9c2ba4bc c5c2ee3bdfecbb5e d2d36f96ad2a843f
    __Pyx__PyObject_CallOneArg 59824f914bacdd04
    __Pyx__PyObject_Ord e3a77f1e11c5c2f0
    __Pyx__PyObject_Pop 85f202cf7c85ec05
    __Pyx__PyObject_PopNewIndex 484bf14aabe88d83
    __Pyx__PyUnicode_AsDouble_Copy c299c9bbaed64bb2
    __Pyx__PyUnicode_EqualsUCS4 9eba3173f775970e
    __Pyx__ReturnWithStopIteration 44a93d56a7deb660 4e9269c3a38fed07 564899b15c88a5f2
    __Pyx__ReturnWithStopIteration 9c47438b35989ee1 a6af648d91091432 b883f3e704e1856e
    __Pyx__ReturnWithStopIteration bb45c649cea50bec c11ced7c6300d1f7 cc9b8f4ae42b8060
    __Pyx__ReturnWithStopIteration ef4acf9960af9956
    __Pyx____Pyx_PyUnicode_From_Py_ssize_t.part cd1356f227dd9522
    __Pyx_dict_call_to_get_iterable 825522d543ab7b7c
    __Pyx_dict_iter_next 140e5babbd302a9e 2a54244747333848 39d0fa01e4ddf44b 5fa2b3710b448eb2
    __Pyx_dict_iter_next 748bbb8da2e07ebe 7eadd1087304d899 7f00401bef9048c 86ae6e471cd7087a
    __Pyx_dict_iter_next 8f5c97e93cf131e5 9c82d2a4a81cb184 a058b953c4268098 d7bb7f0ee25fc4b6
    __Pyx_dict_iter_next.part 1191b17041c81820 29c7e10ccd27ccd8 57269326d655387
    __Pyx_dict_iterator 19e8f426bd4f8de9 76f9c34395f8e2
    __Pyx_dict_iterator.part b784c46982d2976b
    __Pyx_import_all_from bfbc9a2c30564f86
    __Pyx_patch_abc bfa920beec1a0772 e0ce52766ce06535
    __Pyx_unpack_tuple2_exact.part e53ad978e92017fe
    __Pyx_unpack_tuple2_generic 71ab8a68b2fbaab3 72c0ac7121dfec60 b406634051c819d9
    """
}

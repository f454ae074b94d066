extension CFunction {
  /// Cython's helper functions that survive compilation as functions, by name.
  ///
  /// Source: `Cython/Utility/*.c` of 0.29 to 3.3. Compilers drop parameters that are always the
  /// same; a clone in a binary may have fewer than stand here.
  package static let cythonHelpers = CFunction.table(rows: [callRows, operatorRows, statementRows])

  private static let callRows = """
    __Pyx_PyObject_Call ooo n
    __Pyx_PyObject_CallNoArg o n
    __Pyx_PyObject_CallOneArg oo n
    __Pyx__PyObject_CallOneArg oo n
    __Pyx_PyObject_Call2Args ooo n
    __Pyx_PyObject_CallMethO oo n
    __Pyx_PyObject_CallMethod0 oo n
    __Pyx_PyObject_CallMethod1 ooo n
    __Pyx_PyObject_FastCallDict opio n
    __Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict oooo n
    __Pyx_PyObject_FastCallMethod opi n
    __Pyx_PyFunction_FastCallDict opio n
    __Pyx_PyFunction_FastCallNoKw opio n
    __Pyx_PyCFunction_FastCall opi n
    __Pyx_PyVectorcall_FastCallDict opipo n
    __Pyx_Object_Vectorcall_CallFromBuilder opio n
    __Pyx__CallUnboundCMethod0 po n
    __Pyx__CallUnboundCMethod1 poo n
    __Pyx__CallUnboundCMethod2 pooo n
    __Pyx_MergeKeywords oo z
    __Pyx_MergeKeywords_any oo z
    __Pyx_MergeKeywords_dict oo z
    __Pyx_PyObject_GetMethod oow i
    __Pyx_ParseOptionalKeywords oppobip z
    __Pyx_CheckKeywordStrings opi i
    __Pyx_RaiseArgtupleInvalid piiii v
    __Pyx_RaiseKeywordRequired po v
    __Pyx_RaiseDoubleKeywordsError po v
    __Pyx_GetKwValue_FASTCALL opo m
    __Pyx__ArgTypeTest ooipi i
    __Pyx_RaiseUnexpectedTypeError po i
    """

  private static let operatorRows = """
    __Pyx_PyObject_GetAttrStr oo n
    __Pyx_PyObject_GetAttrStrNoError oo N
    __Pyx_PyObject_SetAttrStr ooo z
    __Pyx_PyObject_DelAttrStr oo z
    __Pyx_GetAttr oo n
    __Pyx_GetAttr3 ooo n
    __Pyx_GetAttr3Default o n
    __Pyx_HasAttr oo t
    __Pyx_GetBuiltinName o n
    __Pyx__GetModuleGlobalName oww n
    __Pyx__GetNameInClass oo n
    __Pyx_PyObject_GetItem oo n
    __Pyx_PyObject_GetItem_Slow oo n
    __Pyx_PyObject_GetIndex oo n
    __Pyx_PyObject_Dict_GetItem oo n
    __Pyx_PyDict_GetItem oo n
    __Pyx_PyDict_GetItemDefault ooo n
    __Pyx_GetItemInt_Fast oiiii n
    __Pyx_GetItemInt_List_Fast oiii n
    __Pyx_GetItemInt_Tuple_Fast oiii n
    __Pyx_GetItemInt_Generic os n
    __Pyx_SetItemInt_Fast oioiii z
    __Pyx_SetItemInt_Generic oso z
    __Pyx_DelItemInt_Fast oiii z
    __Pyx_DelItem_Generic os z
    __Pyx_PyObject_GetSlice oiipppiii n
    __Pyx_PyObject_IsTrue o t
    __Pyx_PyObject_IsTrueAndDecref s t
    __Pyx_PyUnicode_Equals ooi t
    __Pyx_PyBytes_Equals ooi t
    __Pyx_PySequence_ContainsTF ooi t
    __Pyx_PyUnicode_Join oiii n
    __Pyx_PyUnicode_ConcatInPlaceImpl wo n
    __Pyx_PyUnicode_From_Py_ssize_t iiii n
    __Pyx_PyNumber_IntOrLong o n
    __Pyx_PyNumber_Long o n
    __Pyx__PyNumber_Float o n
    __Pyx__PyNumber_PowerOf2 oooi n
    __Pyx__PyObject_AsDouble o d
    __Pyx__PyObject_Ord o l
    __Pyx_PyIndex_AsSsize_t o l
    __Pyx_PyInt_As_int o l
    __Pyx_PyInt_As_long o l
    __Pyx_PyInt_As_Py_ssize_t o l
    __Pyx_PyInt_As_size_t o l
    __Pyx_PyLong_As_int o l
    __Pyx_PyLong_As_long o l
    """

  private static let statementRows = """
    __Pyx_AddTraceback piip v
    __Pyx_WriteUnraisable piipii v
    __Pyx_Raise oooo v
    __Pyx_ReraiseException - v
    __Pyx_RaiseTooManyValuesError i v
    __Pyx_RaiseNeedMoreValuesError i v
    __Pyx_RaiseNoneNotIterableError - v
    __Pyx_RaiseUnboundLocalError p v
    __Pyx_RaiseClosureNameError p v
    __Pyx_UnpackTupleError oi v
    __Pyx_IternextUnpackEndCheck oi l
    __Pyx_IterFinish - z
    __Pyx_unpack_tuple2_generic owwii l
    __Pyx_unpack_tuple2_exact owwi l
    __Pyx_PyList_Pack i. n
    __Pyx_PyTuple_FromArray pi n
    __Pyx_PyList_FromArray pi n
    __Pyx_PyObject_Append oo z
    __Pyx__PyObject_Pop o n
    __Pyx_PyList_Pop o n
    __Pyx__PyList_PopIndex ooi n
    __Pyx__PyObject_PopIndex oo n
    __Pyx__PyObject_PopNewIndex os n
    __Pyx_PyIter_Next2 oo n
    __Pyx_PyIter_Next2Default o n
    __Pyx_dict_iterator oiowb n
    __Pyx_dict_iter_next oiwwwwi l
    __Pyx_dict_iter_next_source_is_dict oiwwww l
    __Pyx_Import ooi n
    __Pyx__Import opiooi n
    __pyx_import_star o z
    __Pyx_ImportFrom oo n
    __Pyx_ImportDottedModule oo n
    __Pyx_ImportDottedModule_WalkParts ooo n
    __Pyx_CalculateMetaclass oo n
    __Pyx_Py3MetaclassPrepare ooooooo n
    __Pyx_Py3ClassCreate oooooii n
    __Pyx_PEP560_update_bases o n
    __Pyx_CyFunction_New piooooo n
    __Pyx_CyFunction_InitDefaults oii p
    __Pyx_Method_ClassMethod o n
    __Pyx__Coroutine_New opooooo n
    __Pyx__Coroutine_NewInit opooooo n
    __Pyx_Generator_Next o N
    __Pyx_Generator_Yield_From oo N
    __Pyx_Generator_Replace_StopIteration i v
    __Pyx_Generator_GetInlinedResult o n
    __Pyx_GetException pwww l
    __Pyx__GetException pwww l
    __Pyx_PyErr_ExceptionMatchesInState po i
    __Pyx_PyErr_ExceptionMatchesTuple oo i
    __Pyx_PyErr_GivenExceptionMatches oo i
    __Pyx_PyErr_GivenExceptionMatches2 ooo i
    __Pyx_PyErr_GivenExceptionMatchesTuple oo i
    __Pyx_PyExecGlobals o n
    __Pyx_PyExec3 ooo n
    __Pyx_Globals - n
    __Pyx_ReturnWithStopIteration o v
    __Pyx__ReturnWithStopIteration o v
    """
}
